/** @file The corpus of spoken words: reproducible, disjoint parts, labels that fit the sound. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Corpus, checksums, parts, stateNames } from "../../scripts/speech/corpus.mjs";
import { writeCorpus } from "../../scripts/speech/corpus-files.mjs";
import { openFlite } from "../../scripts/speech/flite.mjs";
import { sideOf, vocabulary } from "../../scripts/speech/texts.mjs";
import { loadData } from "../../src/data/sources/index-node.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { speechLogMel } from "../../src/speech/index.ts";
import { tinyCorpus, tinyOptions } from "./small-corpus.ts";

const options = {
  ...tinyOptions,
  seconds: { train: 8, validation: 3, test: 4, newVoice: 2 },
};
let runtime: Runtime;
let corpus: Corpus;
let folder: string;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  corpus = await tinyCorpus(runtime, options);
  folder = await mkdtemp(join(tmpdir(), "corpus-"));
  writeCorpus(folder, corpus, options, speechLogMel.mels);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await runtime.close();
});

describe("the corpus", () => {
  it("is the same byte for byte when it is made again", async () => {
    expect(checksums((await tinyCorpus(runtime, options)).parts)).toEqual(checksums(corpus.parts));
  });

  it("is the one that it has been: speech, noise and labels of the test part", () => {
    const { features: _, ...portable } = checksums(corpus.parts).test!; // features: see corpus.mjs
    expect(portable).toMatchInlineSnapshot(`
      {
        "noise": "204c427ca34bfcd352b8804d3e8640a90106ad945fd8985ec2c101f615e97173",
        "speech": "8bfa837b36762a199838b077b748e8ec229eaab2d48e00736d9c54ac859b887e",
        "states": "c418ededc589845abaabaa1da175f6ec2acc297b21776c8a9a211a2005e2d4ba",
      }
    `);
  });

  it("has sentences, speakers and noise on one side only", () => {
    for (const of of ["speaker", "noiseHash", "speechHash", "words"] as const) {
      const sides = parts.map(
        (part) => new Set(corpus.parts[part].utterances.map((u) => `${u[of]}`)),
      );
      const all = sides.reduce((sum, side) => sum + side.size, 0);
      expect(new Set(sides.flatMap((side) => [...side])).size).toBe(all);
    }
    for (const { words } of corpus.parts.train.utterances) expect(sideOf(words)).toBe("train");
  });

  it("has other test parts when they are drawn anew, and the same training and validation parts", async () => {
    const anew = await tinyCorpus(runtime, { ...options, testDraw: 2 });
    const [before, now] = [checksums(corpus.parts), checksums(anew.parts)];
    for (const part of ["train", "validation"]) expect(now[part]).toEqual(before[part]);
    for (const part of ["test", "newVoice"] as const)
      for (const of of ["speaker", "noiseHash", "speechHash", "words"] as const) {
        const known = new Set(corpus.parts[part].utterances.map((each) => `${each[of]}`));
        expect(anew.parts[part].utterances.filter((each) => known.has(`${each[of]}`))).toEqual([]);
      }
    // noise of another length has another hash: that it was drawn anew shows in its levels
    const levels = ({ parts }: Corpus) => parts.test.utterances.map((u) => [u.noise, u.snrDb]);
    expect(levels(anew)).not.toEqual(levels(corpus));
  });

  it("has its training sentences under several drawings of noise when it is asked to", async () => {
    const several = await tinyCorpus(runtime, { ...options, noiseDraws: 3 });
    const [before, now] = [checksums(corpus.parts), checksums(several.parts)];
    for (const part of parts.slice(1)) expect(now[part]).toEqual(before[part]);
    const [once, thrice] = [corpus.parts.train, several.parts.train];
    expect(thrice.utterances).toHaveLength(3 * once.utterances.length);
    expect(thrice.seconds).toBeCloseTo(3 * once.seconds, 9);
    const said = (u: (typeof once.utterances)[number]) => [u.words, u.speaker, u.speechHash];
    for (const [at, utterance] of thrice.utterances.entries())
      expect(said(utterance)).toEqual(said(once.utterances[Math.floor(at / 3)]!));
    // the first drawing is the one that there is without the others
    const firsts = thrice.utterances.filter((_, at) => at % 3 === 0);
    expect(firsts).toEqual(once.utterances);
    const { frames } = once.utterances[0]!;
    const drawing = (at: number) =>
      thrice.features.slice(at * frames * speechLogMel.mels, (at + 1) * frames * speechLogMel.mels);
    expect(drawing(0)).toEqual(once.features.slice(0, frames * speechLogMel.mels));
    expect(drawing(1)).not.toEqual(drawing(0));
    expect(new Set(thrice.utterances.map(({ noiseHash }) => noiseHash)).size).toBe(
      thrice.utterances.length,
    );
    for (const at of [1, 2])
      expect(thrice.states.slice(at * frames, (at + 1) * frames)).toEqual(
        once.states.slice(0, frames),
      );
  });

  it("has speech for a teacher to label beside the same other parts when it is asked to", async () => {
    const seconds = { ...options.seconds, transfer: 6 };
    const more = await tinyCorpus(runtime, { ...options, seconds });
    const { transfer, ...others } = checksums(more.parts);
    expect(others).toEqual(checksums(corpus.parts));
    expect(transfer!.speech).not.toBe(others.train!.speech);
    const own = more.parts.transfer!;
    expect(own.seconds).toBeGreaterThanOrEqual(6);
    for (const { words } of own.utterances) expect(sideOf(words)).toBe("train");
    for (const of of ["speaker", "noiseHash", "speechHash", "words"] as const) {
      const known = new Set(
        parts.flatMap((part) => more.parts[part].utterances.map((each) => `${each[of]}`)),
      );
      expect(own.utterances.filter((each) => known.has(`${each[of]}`))).toEqual([]);
    }
    const place = await mkdtemp(join(tmpdir(), "corpus-"));
    writeCorpus(place, more, options, speechLogMel.mels);
    const { test } = await loadData({
      source: "frames",
      classNames: stateNames,
      features: join(place, "train-features.npy"),
      lengths: join(place, "train-lengths.npy"),
      test: {
        features: join(place, "transfer-features.npy"),
        lengths: join(place, "transfer-lengths.npy"),
        labels: join(place, "transfer-states.npy"),
      },
    });
    expect(test!.labels).toEqual(own.states);
    await rm(place, { recursive: true });
  });

  it.each([
    ["testDraw", 0],
    ["testDraw", 1.5],
    ["testDraw", Number.NaN],
    ["noiseDraws", 0],
    ["noiseDraws", Number.NaN],
  ])("refuses %s %d", async (name, value) => {
    await expect(tinyCorpus(runtime, { ...options, [name]: value })).rejects.toThrow(
      `${name} is ${value}: give an integer from 1 on`,
    );
  });

  it("labels loud frames with phones and quiet ones with silence", () => {
    const { features, states } = corpus.parts.train;
    const { mels } = speechLogMel;
    const loudness = { pau: [] as number[], phone: [] as number[] };
    states.forEach((state, frame) => {
      const mean =
        features.subarray(frame * mels, (frame + 1) * mels).reduce((a, b) => a + b) / mels;
      loudness[stateNames[state]!.startsWith("pau-") ? "pau" : "phone"].push(mean);
    });
    const mean = (list: number[]): number => list.reduce((a, b) => a + b) / list.length;
    expect(mean(loudness.phone) - mean(loudness.pau)).toBeGreaterThan(1); // nats
  });

  it("has the phones that the synthesiser prints, as long as its sound", async () => {
    const spoken = (await openFlite())("seven", { voice: "kal16", stretch: 1, pitch: 1 });
    const { samples, sampleRate, phones } = spoken;
    expect(phones.map(({ name }) => name)).toEqual(["pau", "s", "eh", "v", "ax", "n", "pau"]);
    expect(phones.at(-1)!.endSeconds).toBeCloseTo(samples.length / sampleRate, 6); // cut there
  });

  it("can be made of 200 words and 120 states", () => {
    expect(vocabulary.length).toBeGreaterThanOrEqual(200);
    expect(stateNames.length).toBeGreaterThanOrEqual(120);
  });
});

describe("source: frames", () => {
  const files = (part: string) => ({
    features: join(folder, `${part}-features.npy`),
    labels: join(folder, `${part}-states.npy`),
    lengths: join(folder, `${part}-lengths.npy`),
    groups: join(folder, `${part}-speakers.npy`),
  });
  const load = (more: object = {}) =>
    loadData({
      source: "frames",
      classNames: stateNames,
      ...files("train"),
      test: files("test"),
      ...more,
    });

  it("loads what the corpus holds, standardised over the training part", async () => {
    const { train, test } = await load();
    expect(train.shape).toEqual([1, 26, 40]);
    expect(train.labels).toEqual(corpus.parts.train.states);
    expect(test!.labels).toEqual(corpus.parts.test.states);
    expect(new Set(train.groups).size).toBe(3);
    const middle = new Float32Array(train.length * 26 * 40);
    await train.gather(
      Int32Array.from({ length: train.length }, (_, i) => i),
      middle,
    );
    const first = Float32Array.from(
      { length: train.length },
      (_, i) => middle[(i * 26 + 20) * 40]!,
    );
    const mean = first.reduce((a, b) => a + b) / first.length;
    const power = first.reduce((a, b) => a + b * b, 0) / first.length;
    expect(mean).toBeCloseTo(0, 4); // float32 features
    expect(power).toBeCloseTo(1, 4);
  });

  it("is made as a model's frames were where that is given", async () => {
    const standardization = {
      mean: Array.from({ length: 40 }, (_, mel) => mel / 10),
      deviation: Array.from({ length: 40 }, (_, mel) => 2 + mel),
    };
    const encoding = { context: { before: 0, after: 0 }, standardization };
    const { train, test } = await load({ encoding });
    expect([train.frames, test!.frames]).toEqual([encoding, encoding]);
    const frame = new Float32Array(40);
    await test!.gather(Int32Array.of(7), frame);
    const stored = corpus.parts.test.features.slice(280, 320);
    expect(frame).toEqual(stored.map((x, mel) => (x - mel / 10) / (2 + mel)));
    expect((await load({ standardize: false })).train.frames).toEqual({
      ...{ context: { before: 20, after: 5 }, standardization: null },
    });
  });

  it.each([
    ["another number of features", { standardization: { mean: [0], deviation: [1] } }, {}],
    ["a deviation of 0", { standardization: { mean: [0], deviation: [0] } }, {}],
    ["another context", {}, { context: { before: 1, after: 0 } }],
    ["standardize: true", {}, { standardize: true }],
    [
      "standardize: false",
      { standardization: { mean: [0], deviation: [1] } },
      { standardize: false },
    ],
  ])("refuses an encoding that does not fit: %s", async (_, changes, options) => {
    const encoding = { context: { before: 0, after: 0 }, standardization: null, ...changes };
    const error = await load({ encoding, ...options }).then(
      () => new Error("it was loaded"),
      (thrown: Error) => thrown,
    );
    expect(error.message.replaceAll(`${folder}/`, "")).toMatchSnapshot();
  });

  it("keeps the features as they are when asked to", async () => {
    const { test } = await load({ standardize: false, context: { before: 0, after: 0 } });
    const frame = new Float32Array(40);
    await test!.gather(Int32Array.of(7), frame);
    expect(frame).toEqual(corpus.parts.test.features.slice(280, 320));
  });

  it.each([
    ["lengths", "test-lengths.npy"],
    ["labels", "test-states.npy"],
    ["features", "train-states.npy"],
    ["groups", "test-speakers.npy"],
  ])("refuses files that do not belong together: %s: %s", async (name, file) => {
    const error = await load({ [name]: join(folder, file) }).then(
      () => new Error("it was loaded"),
      (thrown: Error) => thrown,
    );
    expect(error.message.replaceAll(`${folder}/`, "")).toMatchSnapshot();
  });
});
