/** @file What a run's trainings refuse, they refuse before the first of them starts. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { subset } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import type { DistillOptions } from "./options.ts";
import { runDistillation } from "./run-distillation.ts";
import { data, failure, tinyRun } from "./small-problem.cases.ts";
import type { SpecialistsSpec } from "./specialists/index.ts";
import type { TrainingSpec } from "./training-spec.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const generalist = {
  kind: "train",
  teacher: { network: { family: "mlp", hidden: [12] }, training: { epochs: 1 } },
} as const;

/** The message of the refusal; fails if there is an event first. */
async function refusal(
  more: Partial<DistillOptions>,
  teacher: DistillOptions["teacher"] = generalist,
): Promise<string> {
  const { code, message } = await failure(runDistillation(tinyRun(runtime, teacher, more)).next());
  return `${code} ${message}`;
}

const short = { epochs: 3, batchSize: 16, learningRate: 0.01 };

describe("without a limit of memory, before the teacher is trained", () => {
  test.each<[string, Partial<TrainingSpec>, string]>([
    [
      "parts that do not divide the batch",
      { accumulate: 3 },
      "config/range training of student: accumulate must divide batchSize (16)",
    ],
    [
      "no patience",
      { patience: 0 },
      "config/range training of student: patience must be an integer ≥ 1, got 0",
    ],
    [
      "pruning after the last epoch",
      { pruning: { sparsity: 0.5, endEpoch: 99 } },
      "config/range pruning: endEpoch must be an integer, above 0 and below 3, got 99",
    ],
    [
      "an unknown optimiser",
      { optimizer: { name: "sgdd" as "sgd" } }, // as from JavaScript
      'config/unknown-name buildOptimizer: unknown optimizer "sgdd". Did you mean "sgd"?',
    ],
  ])("the student's %s", async (_, own, message) => {
    expect(await refusal({ training: { ...short, ...own } })).toContain(message);
  });

  test("views that the samples cannot take", async () => {
    const labels = { views: 2, augmentation: { shift: 9 } };
    expect(await refusal({ labels })).toContain(
      "config/range augmentation: shift must be an integer 0 … 5 (below the image's sides), got 9",
    );
  });

  test.each<[string, Partial<DistillOptions>, string]>([
    [
      "a temperature of 0",
      { distillation: { temperature: 0 } },
      "config/range distillation.temperature: value must be a finite number, above 0, got 0",
    ],
    [
      "a weight of a loss of the user's own below 0",
      { distillation: { softWeight: -1 }, loss: (student) => student },
      "config/range distillation.softWeight: value must be a finite number, at least 0, got -1",
    ],
    [
      "a loss's own options",
      { distillation: { loss: { name: "dkd", alpha: -1 } } },
      "config/range dkdLoss: alpha must be a finite number, at least 0, got -1",
    ],
    [
      "mixed samples under a loss that needs one label",
      {
        distillation: { loss: "dkd" },
        labels: { views: 2, augmentation: { mixup: { alpha: 1 } } },
      },
      "config/conflict distillation: this loss needs one label per sample",
    ],
    [
      "a rate to try that is no number",
      { tuning: { learningRates: [0.01, Number.NaN] } },
      "config/range tuning.learningRates: value must be a finite number, at least 0, got NaN",
    ],
    [
      "a rate of the comparison of speeds that is no number",
      { convergence: { seeds: 1, learningRates: [0.01, Number.NaN] } },
      "config/range convergence.learningRates: value must be a finite number, at least 0, got NaN",
    ],
  ])("%s", async (_, more, message) => {
    expect(await refusal(more)).toContain(message);
  });

  test("biases that validation or the withheld classes do not allow", async () => {
    const known = [...data.validation.labels.keys()].filter((at) => data.validation.labels[at]);
    const validation = subset(data.validation, known, "validation without class 0");
    const perClass = { whole: data.train, withheld: [], biasCorrection: "perClass" } as const;
    expect(await refusal({ data: { ...data, validation }, transfer: perClass })).toContain(
      "data/classes perClassBias: every class must occur among the labels, got no sample of class 0",
    );
    const all = { whole: data.train, withheld: [0, 1, 2], biasCorrection: "shared" } as const;
    expect(await refusal({ transfer: all })).toContain(
      "data/classes sharedClassBias: some of the 3 classes must be raised, and some not, got 3",
    );
  });

  test("the specialists' own training", async () => {
    const training = { epochs: 1, batchSize: 16, accumulate: 3 };
    const specialists: SpecialistsSpec = { count: 2, training };
    expect(await refusal({}, { kind: "specialists", generalist, specialists })).toContain(
      "config/range training of teacher/specialist: accumulate must divide batchSize (16), so that",
    );
  });
});

test("specialists that learn from the generalist see no view that it has not labelled", async () => {
  const training = { epochs: 1, augmentation: { shift: 1 } };
  const source = (softWeight: number): DistillOptions["teacher"] => {
    const specialists: SpecialistsSpec = { count: 2, training, softWeight };
    return { kind: "specialists", generalist, specialists };
  };
  expect(await refusal({}, source(0.5))).toContain("config/conflict teacher.specialists: the");
});

describe("the student of all samples", () => {
  const seen = [...data.train.labels.keys()].filter((at) => data.train.labels[at] !== 2);
  const parts = { ...data, train: subset(data.train, seen, "train/transfer") };
  const transfer = { whole: data.train, withheld: [2] };

  test.each([0, 1.5])("is not trained for %d epochs", async (wholeEpochs) => {
    const message = await refusal({ data: parts, transfer: { ...transfer, wholeEpochs } });
    expect(message).toContain(
      `config/range training of whole: epochs must be an integer ≥ 1, got ${wholeEpochs}`,
    );
  });

  test("is not pruned beyond its own epochs", async () => {
    const pruning = { sparsity: 0.5, startEpoch: 1, endEpoch: 2 };
    const more = { data: parts, training: { ...short, pruning } };
    expect(await refusal({ ...more, transfer: { ...transfer, wholeEpochs: 2 } })).toContain(
      "config/range pruning: endEpoch must be an integer, above 1 and below 2, got 2",
    );
  });
});
