/** @file An ensemble of a network to train, a checkpoint and an ONNX file, as a recipe names it. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assertClose } from "../../../test/support/close.ts";
import { type Dataset, subset } from "../../data/index.ts";
import {
  type Model,
  modelLogits,
  runDistillation,
  runJob,
  writeModel,
} from "../../distill/index.ts";
import { data, finish, tinyRun } from "../../distill/small-problem.cases.ts";
import { studentFile } from "../../distill/student-file.ts";
import { validationWeights } from "../../distill/teachers/index.ts";
import type { NetworkSpec } from "../../engine/nn/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import type { DataParts, EnsembleTeacherRecipe } from "../spec/index.ts";
import { openTeacher } from "./open-teacher.ts";

const folder = mkdtempSync(join(tmpdir(), "unlike-members-"));
let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(async () => {
  await runtime.close();
  rmSync(folder, { recursive: true });
});

const batchSize = 16;

/** A network that has never seen one of the classes: without the others, it knows too little. */
async function learnt(network: NetworkSpec, unseen: number): Promise<Model> {
  const rows = [...data.train.labels.keys()].filter((at) => data.train.labels[at] !== unseen);
  const train = subset(data.train, Int32Array.from(rows), "two classes");
  const training = { epochs: 20, batchSize, learningRate: 0.01 };
  const job = { id: "member", network, ...data, train, training, seed: 5 };
  return (await finish(runJob(job, { runtime }))).value.model;
}

/** @param each float32 [samples, 3] of each member. @returns float32 [samples, members, 3] */
function sideBySide(each: readonly Float32Array[]): Float32Array {
  return Float32Array.from({ length: each.length * each[0]!.length }, (_, at) => {
    const [row, member, label] = [Math.floor(at / 9), Math.floor(at / 3) % 3, at % 3];
    return each[member]![3 * row + label]!;
  });
}

/** log Σ_m w_m softmax(z_m), float32 [samples, 3] */
function mixture(each: readonly Float32Array[], weights: readonly number[]): Float32Array {
  return Float32Array.from(each[0]!, (_, at) => {
    const from = at - (at % 3);
    const shares = each.map((logits, m) => {
      const exponentials = [0, 1, 2].map((label) => Math.exp(logits[from + label]!));
      return (weights[m]! * exponentials[at % 3]!) / exponentials.reduce((sum, e) => sum + e);
    });
    return Math.log(shares.reduce((sum, share) => sum + share));
  });
}

const flat = (data: ArrayLike<number>) => ({ shape: [data.length], data });
/** The same weights in another graph: float32 sums in another order, of logits up to 10. */
const rounding = { rtol: 1e-5, atol: 1e-5 };

test("the package holds each one's own logits, and they are combined by the chosen weights", async () => {
  const given = [
    await learnt({ family: "mlp", hidden: [12] }, 0),
    await learnt({ family: "cnn", channels: [3] }, 2),
  ];
  const [checkpoint, model] = [join(folder, "mlp.safetensors"), join(folder, "cnn.onnx")];
  writeFileSync(checkpoint, writeModel(given[0]!));
  writeFileSync(model, studentFile(given[1]!).bytes);
  const network = { family: "mlp", hidden: [5] } as const;
  const training = { epochs: 3, batchSize, learningRate: 0.01 };
  const teacher: EnsembleTeacherRecipe = {
    ensemble: [{ checkpoint }, { train: { network, training } }, { model }],
    weights: "validation",
  };
  const parts = { ...data, whole: data.train } as DataParts; // no more is read
  const source = await openTeacher({ teacher }, { runtime, parts, threads: 1, softLabels: null });
  const labels = { precision: "float32" } as const;
  const options = tinyRun(runtime, source, { labels, arms: ["distilled"] });
  const { value } = await finish(runDistillation(options));

  const models = given.toSpliced(1, 0, value.teacherModels[0]!.model);
  const own = (part: Dataset): Promise<Float32Array[]> =>
    Promise.all(models.map((each) => modelLogits(runtime, each, part)));
  const { softLabels, manifest } = value;
  expect(manifest.members.map(({ name }) => name)).toEqual(["mlp 36-12-3", "mlp 36-5-3", model]);
  const ofTrain = sideBySide(await own(data.train));
  for (let at = 0; at < data.train.length; at++) {
    const row = softLabels.lookup(data.train.key(at))!;
    const stored = softLabels.logits(row, 0, new Float32Array(9));
    assertClose(`sample ${at}`, flat(stored), flat(ofTrain.subarray(9 * at, 9 * at + 9)), rounding);
  }

  const about = { members: manifest.members, combine: "arithmetic", classCount: 3 } as const;
  const ofValidation = sideBySide(await own(data.validation));
  const chosen = validationWeights(ofValidation, data.validation.labels, about);
  const weights = manifest.weights!;
  // near its minimum the likelihood is flat: rounded logits move the weights further
  assertClose("weights", flat(weights), flat(chosen.weights), { rtol: 0, atol: 1e-3 });
  expect(Math.min(...weights)).toBeGreaterThan(0.05); // each has its say: 0.45, 0.35, 0.20 here
  const mixed = mixture(await own(data.test), weights);
  assertClose("the teacher", flat(value.teacherTestLogits!), flat(mixed), rounding);
});
