/**
 * @file Speech end to end, small: corpus, an ensemble of acoustic models, a distilled student, and
 * words recognised from its scores.
 */

import { afterAll, beforeAll, expect, it } from "vitest";
import { stateNames, statesOf } from "../../scripts/speech/corpus.mjs";
import {
  featureStatistics,
  framesDataset,
  speechContext,
  standardized,
} from "../../src/data/index.ts";
import { type DistillResult, runDistillation } from "../../src/distill/index.ts";
import {
  alignWords,
  frameAccuracy,
  frameCounts,
  wordErrorRate,
} from "../../src/distill/metrics/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import {
  bigramLanguageModel,
  decodeRecordings,
  meanStateFrames,
  speechLogMel,
  statePriors,
  wordLoop,
} from "../../src/speech/index.ts";
import { tinyCorpus } from "./small-corpus.ts";

const { mels } = speechLogMel;
let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

it("recognises sentences that were never spoken in training", async () => {
  const { parts, lexicon } = await tinyCorpus(runtime);
  const cut = (part: "train" | "validation" | "test") => {
    let at = 0;
    return parts[part].utterances.map(({ frames, speaker }) => {
      const [from, to] = [at, at + frames];
      at = to;
      return {
        features: parts[part].features.subarray(from * mels, to * mels),
        labels: parts[part].states.subarray(from, to),
        group: speaker,
      };
    });
  };
  const own = featureStatistics([parts.train.features], mels);
  const dataset = (part: "train" | "validation" | "test") =>
    framesDataset({
      name: part,
      recordings: cut(part).map((each) => ({
        ...each,
        features: standardized(each.features, own),
      })),
      features: mels,
      context: speechContext,
      classNames: stateNames,
    });
  const run = runDistillation({
    runtime,
    data: { train: dataset("train"), validation: dataset("validation"), test: dataset("test") },
    teacher: {
      kind: "train",
      teacher: {
        network: { family: "mlp", hidden: [128, 128] },
        training: { epochs: 6 },
        members: 2,
      },
    },
    student: { family: "mlp", hidden: [64] },
    training: { epochs: 8 },
    distillation: { temperature: 2, softWeight: 0.5, hardWeight: 0.5 },
    seeds: [1],
    arms: ["distilled", "scratch"],
    createdBy: "test",
  });
  let result: DistillResult | undefined;
  while (result === undefined) {
    const next = await run.next();
    if (next.done) result = next.value;
  }

  const vocabulary = [...lexicon.keys()];
  const sentences = parts.train.utterances.map(({ words }) => words);
  const trainLengths = parts.train.utterances.map(({ frames }) => frames);
  const loop = wordLoop({
    lexicon: [...lexicon].map(([word, names]) => ({ word, states: names.flatMap(statesOf) })),
    silence: statesOf("pau"),
    languageModel: bigramLanguageModel(sentences, vocabulary),
    states: stateNames.length,
    meanFrames: meanStateFrames(parts.train.states, trainLengths, stateNames.length),
  });
  const priors = statePriors(parts.train.states, stateNames.length);
  const lengths = parts.test.utterances.map(({ frames }) => frames);
  const measure = (logits: Float32Array) => {
    const decoded = decodeRecordings(loop, logits, lengths, { priors, languageModelWeight: 3 });
    const errors = decoded.map(({ words }, at) =>
      alignWords(parts.test.utterances[at]!.words, words),
    );
    return {
      frames: frameAccuracy(frameCounts(logits, parts.test.states, lengths)),
      wer: wordErrorRate(errors),
    };
  };
  const names = result.arms.map(({ arm }) => arm);
  expect(names).toEqual(["distilled", "scratch"]);
  for (const { runs } of result.arms) {
    const student = measure(runs[0]!.testLogits);
    expect(student.frames).toBeGreaterThan(0.6); // 0.69 here; 123 states
    expect(student.wer).toBeLessThan(0.1); // 0 here, of 50 words
  }
  const ensemble = measure(result.teacherTestLogits!);
  expect(ensemble.frames).toBeGreaterThan(0.65); // 0.74 here
  expect(ensemble.wer).toBeLessThan(0.1);
  // the words come from the scores and not from the language model: it knows what digits follow
  const nothing = measure(new Float32Array(result.teacherTestLogits!.length));
  expect(nothing.wer).toBeGreaterThan(0.5);
});
