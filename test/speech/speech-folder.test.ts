/** @file source: speech: a folder of WAV files with labels, as frames, and through the program. */

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { openFlite } from "../../scripts/speech/flite.mjs";
import { loadAnyData } from "../../src/app/cli/load-data.ts";
import { segmentOfFrames } from "../../src/data/index.ts";
import { loadData, readRecording } from "../../src/data/sources/index-node.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { randomStream } from "../../src/engine/tensor/index.ts";
import { openLogMelFrames, speechLogMel } from "../../src/speech/index.ts";
import { potstill, useFolder } from "../support/command-line.ts";

interface Spoken {
  /** path without its ending */
  readonly name: string;
  readonly words: string;
  readonly samples: Float32Array;
  readonly sampleRate: number;
  readonly phones: readonly { readonly name: string; readonly endSeconds: number }[];
}

const sentences = ["one two", "two one"];
let spoken: readonly Spoken[];
beforeAll(async () => {
  const synthesize = await openFlite();
  const speakers = ["train/anna", "train/bert", "train/carl", "test/dora"];
  spoken = speakers.flatMap((speaker, s) =>
    sentences.map((words, at): Spoken => {
      const manner = { voice: "kal16", stretch: 1 + 0.04 * s, pitch: 1 + 0.05 * s } as const;
      const sound = synthesize(words, manner);
      const noise = randomStream(speaker, at);
      const samples = sound.samples.map((x) => x + 0.01 * noise.normal()); // no silences alike
      return { ...sound, name: `${speaker}/${at}`, words, samples };
    }),
  );
});

const folder = useFolder();

/** 16-bit PCM of one channel. */
function wav(samples: Float32Array, sampleRate: number): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string) => bytes.set(new TextEncoder().encode(word), at);
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((x, at) => {
    view.setInt16(44 + 2 * at, Math.round(32767 * Math.max(-1, Math.min(1, x))), true);
  });
  return bytes;
}

function writeRecordings(): void {
  for (const { name, words, samples, sampleRate, phones } of spoken) {
    const path = join(folder.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.wav`, wav(samples, sampleRate));
    writeFileSync(`${path}.txt`, `${words}\n`);
    const start = (at: number): number => phones[at - 1]?.endSeconds ?? 0;
    const lines = phones.map((phone, at) => `${start(at)} ${phone.endSeconds} ${phone.name}\n`);
    writeFileSync(`${path}.lab`, lines.join(""));
  }
}

const spec = () =>
  ({
    source: "speech",
    folder: join(folder.path, "train"),
    statesPerPhone: 3,
    test: { folder: join(folder.path, "test") },
  }) as const;

describe("source: speech", () => {
  it("computes the frames of each recording, and names their states from the labels", async () => {
    writeRecordings();
    const context = { before: 0, after: 0 };
    const { test, hearing } = await loadAnyData({ ...spec(), context, standardize: false });
    const runtime = await nodeRuntime({ worker: false });
    const logMel = await openLogMelFrames(runtime);
    const own = spoken.filter(({ name }) => name.startsWith("test/"));
    const heard = await Promise.all(
      own.map(async ({ name }) => {
        const { samples } = await readRecording(join(folder.path, `${name}.wav`));
        return logMel.frames(samples);
      }),
    );
    await runtime.close();
    const lengths = heard.map(({ length }) => length / 40);
    const features = new Float32Array(test!.length * 40);
    await test!.gather(
      Int32Array.from({ length: test!.length }, (_, i) => i),
      features,
    );
    expect(features).toEqual(Float32Array.from(heard.flatMap((frames) => [...frames])));
    const states = own.flatMap(({ phones }, at) => {
      const { segment, part } = segmentOfFrames(phones, lengths[at]!, 3, speechLogMel);
      return Array.from(segment, (phone, i) => `${phones[phone]!.name}-${part[i]! + 1}`);
    });
    expect(Array.from(test!.labels, (label) => test!.classNames[label])).toEqual(states);
    expect(new Set(test!.groups)).toEqual(new Set(["dora"]));
    expect(test!.recordings!.words).toEqual([
      ["one", "two"],
      ["two", "one"],
    ]);
    expect(hearing).toEqual({ logMel: "speech", context });
  });

  it("takes a recording without a speaker's folder for a group of this part alone", async () => {
    writeRecordings();
    for (const part of ["train", "test"])
      for (const end of ["wav", "lab"])
        copyFileSync(
          join(folder.path, `${part}/${part === "train" ? "anna" : "dora"}/0.${end}`),
          join(folder.path, `${part}/loose.${end}`),
        );
    const { train, test } = await loadAnyData(spec());
    const [own, others] = [train, test!].map(({ groups }) => new Set(groups));
    expect(own).toEqual(new Set(["anna", "bert", "carl", join(folder.path, "train/loose.wav")]));
    expect(others).toEqual(new Set(["dora", join(folder.path, "test/loose.wav")]));
    expect(train.recordings!.words).toBeNull(); // nothing says what this one says
  });

  it("takes sounds without labels for the teacher to label: a speaker who is known, and others", async () => {
    writeRecordings();
    const [anna, carl] = ["train/anna/0.wav", "train/carl/0.wav"].map((name) =>
      join(folder.path, name),
    );
    mkdirSync(join(folder.path, "more/anna"), { recursive: true });
    copyFileSync(carl!, join(folder.path, "more/anna/0.wav"));
    copyFileSync(anna!, join(folder.path, "more/loose.wav"));
    const { train: alone } = await loadAnyData(spec());
    const transfer = { folder: join(folder.path, "more") };
    const { train, test } = await loadAnyData({ ...spec(), transfer });
    expect(test!.labels.includes(-1)).toBe(false);
    expect(train.labels.subarray(0, alone.length)).toEqual(alone.labels);
    const further = [...train.labels.keys()].slice(alone.length);
    expect(new Set(further.map((at) => train.labels[at]))).toEqual(new Set([-1]));
    const groups = further.map((at) => train.groups![at]);
    expect([...new Set(groups)]).toEqual(["anna", join(folder.path, "more/loose.wav")]);
    expect(train.recordings!.words).toEqual([...alone.recordings!.words!, null, null]);
  });

  it("needs what makes frames of sound, and labels beside every recording", async () => {
    writeRecordings();
    await expect(loadData(spec())).rejects.toThrow(
      "loadData: source: speech needs what makes frames of sound, got none.",
    );
    writeFileSync(join(folder.path, "train/anna/2.wav"), wav(new Float32Array(8000), 16_000));
    await expect(loadAnyData(spec())).rejects.toThrow(/train\/anna\/2\.lab: .*got no such file/);
  });

  it("is a recipe's data: distilled, with words counted", async () => {
    writeRecordings();
    writeFileSync(join(folder.path, "lexicon.txt"), "one w ah n\ntwo t uw\n");
    const training = "training: { epochs: 2 }";
    const recipe = [
      "name: said",
      "data: { source: speech, folder: train, statesPerPhone: 3, test: { folder: test } }",
      "split: { validation: 0.34 }",
      `teacher: { train: { network: { family: mlp, hidden: [32] }, ${training} } }`,
      "student: { family: mlp, hidden: [16] }",
      training,
      "arms: [distilled]",
      "seeds: [1]",
      "decoder: { lexicon: lexicon.txt, silence: pau, wordInsertionPenalty: 0 }",
    ];
    writeFileSync(join(folder.path, "said.yaml"), `${recipe.join("\n")}\n`);
    const said = ["distill", "said.yaml", "--json-report", "report.json"];
    const { code, stderr, stdout } = await potstill(folder.path, ...said);
    expect(stderr).not.toContain("error [");
    expect(code).toBe(0);
    expect(stdout).toContain("2 test recordings; 2 words can be recognised.");
    const report = (): { data: Record<string, number>; recognition: Record<string, number> } =>
      JSON.parse(readFileSync(join(folder.path, "report.json"), "utf8"));
    const plain = report();

    mkdirSync(join(folder.path, "more/eve"), { recursive: true });
    const noise = randomStream("more");
    const sound = Float32Array.from({ length: 8000 }, () => 0.1 * noise.normal());
    writeFileSync(join(folder.path, "more/eve/0.wav"), wav(sound, 16_000));
    const more = await potstill(folder.path, ...said, "data.transfer={folder: more}");
    expect([more.code, more.stderr.match(/error \[.*/g)]).toEqual([0, null]);
    const { data, recognition } = report();
    const frames = data.unlabelledCount!;
    expect(frames).toBeGreaterThan(40); // half a second, a frame each 10 ms
    expect([data.trainSize, data.validationSize]).toEqual([
      plain.data.trainSize! + frames,
      plain.data.validationSize,
    ]);
    expect(recognition.words).toBe(plain.recognition.words);
  }, 600_000);
});
