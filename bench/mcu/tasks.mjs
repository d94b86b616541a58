/**
 * @file Data of the shapes of MLPerf Tiny's four tasks, from what everyone has: synthesised speech (flite) and the built-in
 * digits. They are easier than the benchmark's own data; what they give is weights that were trained, and nothing else is
 * claimed of them.
 */

import { arrayDataset, splitDataset, subset } from "../../dist/data/index.js";
import { loadDigits } from "../../dist/data/sources/index-node.js";
import { openLogMelFrames, speechLogMel } from "../../dist/speech/index.js";
import { randomStream } from "../../dist/engine/tensor/index.js";
import { openFlite } from "../../scripts/speech/flite.mjs";
import { makeNoise, withNoise } from "../../scripts/speech/noise.mjs";

const commands = ["yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"];
const others =
  "zero three five seven nine bed bird cat dog happy house marvin sheila tree wow garden river seldom orange paper";
const voices = ["awb", "kal16", "slt"];
const sampleRate = 16_000;
/** samples of each part */
const counts = { train: 3600, validation: 600, test: 1200 };

/** Spoken words of each part; no two parts share a rate and pitch of a voice. */
async function speakAll() {
  const synthesize = await openFlite();
  const manners = { train: 8, validation: 4, test: 4 };
  const speak = (part, word, count) =>
    voices.flatMap((voice) =>
      Array.from({ length: count }, (_, number) => {
        const stream = randomStream(1, "manner", part, voice, number);
        const [stretch, pitch] = [0.8 + 0.45 * stream.uniform(), 0.8 + 0.5 * stream.uniform()];
        return synthesize(word, { voice, stretch, pitch }).samples;
      }),
    );
  const partOf = (part) => ({
    commands: commands.map((word) => speak(part, word, manners[part])),
    others: others.split(" ").flatMap((word) => speak(part, word, 2)),
  });
  return { train: partOf("train"), validation: partOf("validation"), test: partOf("test") };
}

/** @returns `length` samples with the word at a drawn place, under noise of a drawn kind */
function placed(word, length, snrDb, stream) {
  const clip = new Float32Array(length);
  const room = length - word.length;
  const from = room > 0 ? stream.integer(room + 1) : 0;
  clip.set(word.subarray(0, Math.min(word.length, length)), from);
  const noise = makeNoise(stream.integer(2) === 0 ? "white" : "pink", length, stream);
  return withNoise(clip, noise, snrDb);
}

/** Mean 0 and deviation 1 over all elements of the training part, and the same map for the others. */
function scaled(parts) {
  const { mean, deviation } = statisticsOf(parts);
  return Object.fromEntries(Object.entries(parts).map(([part, x]) => [part, x.map((v) => (v - mean) / deviation)]));
}

function statisticsOf({ train }) {
  const mean = train.reduce((sum, x) => sum + x, 0) / train.length;
  const deviation = Math.sqrt(train.reduce((sum, x) => sum + (x - mean) ** 2, 0) / train.length);
  return { mean, deviation };
}

/** 49 frames of 40 ms every 20 ms, 10 log-mel bands in place of MFCC; ten words, others, silence. */
async function keywords(runtime, words) {
  const options = { ...speechLogMel, frameLength: 640, hop: 320, fftSize: 1024, mels: 10 };
  const logMel = await openLogMelFrames(runtime, options);
  const size = 490;
  const [features, labels] = [{}, {}];
  for (const [part, count] of Object.entries(counts)) {
    features[part] = new Float32Array(count * size);
    labels[part] = Int32Array.from({ length: count }, (_, at) => at % 12);
    for (let at = 0; at < count; at++) {
      const stream = randomStream(1, "keyword", part, at);
      const label = at % 12;
      const pool = label < 10 ? words[part].commands[label] : words[part].others;
      const silence = makeNoise("pink", sampleRate, stream).map((x) => 0.02 * x);
      const clip =
        label === 11
          ? silence
          : placed(pool[stream.integer(pool.length)], sampleRate, 5 + 15 * stream.uniform(), stream);
      features[part].set((await logMel.frames(clip)).subarray(0, size), at * size);
    }
  }
  await logMel.close();
  const classNames = [...commands, "unknown", "silence"];
  const { mean, deviation } = statisticsOf(features);
  const statistics = { mean: new Float64Array(10).fill(mean), deviation: new Float64Array(10).fill(deviation) };
  return {
    ...datasets("synthesised keywords", [1, 49, 10], scaled(features), labels, classNames),
    /** what brings sound to the network */
    frontEnd: { logMel: options, context: { before: 48, after: 0 }, statistics },
  };
}

function datasets(name, shape, data, labels, classNames) {
  const dtype = data.train instanceof Uint8Array ? "uint8" : "float32";
  return Object.fromEntries(
    Object.keys(data).map((part) => [
      part,
      arrayDataset({ name: `${name}, ${part}`, dtype, shape, data: data[part], labels: labels[part], classNames }),
    ]),
  );
}

const windowsPerClip = 10;

/**
 * Windows of 5 frames of 128 log-mel bands, 10 of each clip of three words. Label 0: as in training, pink noise 20 dB below
 * the speech. Label 1, in test alone: 10 dB below.
 */
async function anomalies(runtime, words) {
  const options = { ...speechLogMel, frameLength: 1024, hop: 512, fftSize: 1024, mels: 128, lowFrequency: 0 };
  const logMel = await openLogMelFrames(runtime, options);
  const [frames, size] = [windowsPerClip * 5, 640];
  const length = (frames - 1) * 512 + 1024;
  const clips = { train: 1500, validation: 60, test: 200 };
  const [features, labels] = [{}, {}];
  for (const [part, count] of Object.entries(clips)) {
    features[part] = new Float32Array(count * windowsPerClip * size);
    labels[part] = new Int32Array(count * windowsPerClip);
    const pool = words[part].commands.flat();
    for (let at = 0; at < count; at++) {
      const stream = randomStream(1, "clip", part, at);
      const clip = new Float32Array(length);
      for (let from = 0; from < length; ) {
        const word = pool[stream.integer(pool.length)];
        clip.set(word.subarray(0, Math.min(word.length, length - from)), from);
        from += word.length;
      }
      const isAnomaly = part === "test" && at % 2 === 1;
      const noisy = withNoise(clip, makeNoise("pink", length, stream), isAnomaly ? 10 : 20);
      const rows = await logMel.frames(noisy);
      features[part].set(rows.subarray(0, windowsPerClip * size), at * windowsPerClip * size);
      labels[part].fill(Number(isAnomaly), at * windowsPerClip, (at + 1) * windowsPerClip);
    }
  }
  await logMel.close();
  return datasets("synthesised speech, windows", [640], scaled(features), labels, ["normal", "noisy"]);
}

/** Digits enlarged by bilinear interpolation, three equal channels. */
async function enlarged(size, limits, classOf, classNames) {
  const digits = await loadDigits();
  const { train, validation } = splitDataset(digits.train, { validation: 0.1, seed: 1 });
  const [data, labels] = [{}, {}];
  for (const [part, whole] of Object.entries({ train, validation, test: digits.test })) {
    const length = Math.min(limits[part], whole.length);
    const some = subset(
      whole,
      Int32Array.from({ length }, (_, at) => at),
      part,
    );
    data[part] = new Uint8Array(length * 3 * size * size);
    labels[part] = Int32Array.from(some.labels, classOf);
    const pixels = new Uint8Array(196);
    for (let at = 0; at < length; at++) {
      some.gather(Int32Array.of(at), pixels);
      const plane = bilinear(pixels, 14, size);
      for (let c = 0; c < 3; c++) data[part].set(plane, (3 * at + c) * size * size);
    }
  }
  return datasets(`digits of ${size} x ${size}`, [3, size, size], data, labels, classNames);
}

function bilinear(pixels, from, to) {
  const place = Array.from({ length: to }, (_, at) => {
    const x = Math.min(Math.max(((at + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.min(Math.floor(x), from - 2);
    return { low, share: x - low };
  });
  return Uint8Array.from({ length: to * to }, (_, at) => {
    const [row, column] = [place[Math.floor(at / to)], place[at % to]];
    const p = (r, c) => pixels[(row.low + r) * from + column.low + c];
    const top = p(0, 0) * (1 - column.share) + p(0, 1) * column.share;
    const bottom = p(1, 0) * (1 - column.share) + p(1, 1) * column.share;
    return Math.round(top * (1 - row.share) + bottom * row.share);
  });
}

/** One number in, its sine out. */
function sine() {
  const [x, labels] = [{}, {}];
  for (const [part, count] of Object.entries({ train: 2000, validation: 300, test: 500 })) {
    const stream = randomStream(1, "sine", part);
    x[part] = Float32Array.from({ length: count }, () => 2 * Math.PI * stream.uniform());
    labels[part] = new Int32Array(count);
  }
  return datasets("sine", [1], x, labels, ["sine"]);
}

/** @returns what to train for each architecture of the figures, smallest first */
export function tasks(runtime) {
  const words = lazy(speakAll);
  return {
    "sine mlp": {
      network: { family: "mlp", hidden: [16, 16] },
      target: (x) => x.map(Math.sin),
      epochs: 300,
      data: async () => sine(),
      about: "the sine of a number",
    },
    autoencoder: {
      network: { family: "autoencoder" },
      target: (x) => x,
      epochs: 30,
      windowsPerClip,
      data: async () => anomalies(runtime, await words()),
      about: "windows of synthesised speech; noisier speech is the anomaly",
    },
    "ds-cnn": {
      network: { family: "dsCnn" },
      epochs: 20,
      data: async () => keywords(runtime, await words()),
      about: "ten synthesised words, others, silence",
    },
    "resnet-8": {
      network: { family: "resnet8" },
      epochs: 6,
      data: () => enlarged(32, { train: 9000, validation: 1000, test: 2000 }, (label) => label, [..."0123456789"]),
      about: "digits enlarged to 32 x 32 x 3",
    },
    "mobilenet-0.25": {
      network: { family: "mobileNetV1" },
      epochs: 8,
      data: () => enlarged(96, { train: 4000, validation: 400, test: 1000 }, (label) => label % 2, ["even", "odd"]),
      about: "digits enlarged to 96 x 96 x 3, even or odd",
    },
  };
}

function lazy(make) {
  let made;
  return () => {
    made ??= make();
    return made;
  };
}
