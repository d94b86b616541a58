/** @file Students that learn inner layers of their teacher, beside its logits or alone. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryStore } from "../../data/index.ts";
import type { ScheduleSpec } from "../../engine/optim/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import type { StepsEvent } from "../../engine/train/index.ts";
import type { DistillOptions } from "../options.ts";
import { runDistillation } from "../run-distillation.ts";
import type { StudentBudget } from "../search/plan-search.ts";
import { data, finish, outcome, randomModel, tinyRun } from "../small-problem.cases.ts";
import { studentFile } from "../student-file.ts";
import { networkTeacher } from "../teachers/network-teacher.ts";
import { onnxTeacher } from "../teachers/onnx-teacher.ts";
import type { Teacher } from "../teachers/teacher.ts";
import { networkOf } from "../training/model-file.ts";
import type { FeatureSpec } from "../training-spec.ts";

let runtime: Runtime;
let teacher: Teacher;
const model = randomModel([12, 10], 7, 2);
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await networkTeacher(runtime, model);
});
afterAll(() => runtime.close());

const hint: FeatureSpec = { student: "hidden1", teacher: "hidden2", weight: 1 };

type More = Partial<DistillOptions> & { readonly features?: readonly FeatureSpec[] };

function options({ features, distillation, ...more }: More = {}): DistillOptions {
  return tinyRun(
    runtime,
    { kind: "given", teacher },
    {
      distillation: { ...(features && { features }), ...distillation },
      arms: ["distilled"],
      ...more,
    },
  );
}

async function run(more: More) {
  const { value, events } = await finish(runDistillation(options(more)));
  const steps = events.filter(
    (event): event is StepsEvent => event.type === "steps" && event.job !== "teacher",
  );
  const metric = (name: string): number[] => steps.flatMap(({ metrics }) => [...metrics[name]!]);
  return { arm: value.arms[0]!, job: value.arms[0]!.runs[0]!.job, metric };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("features beside the logits", () => {
  test("a regressor between unequal widths is trained, and is no part of the student", async () => {
    const { job, arm, metric } = await run({ features: [hint] });
    expect([...job.model.weights.keys()]).toEqual(
      networkOf(job.model).parameters.map(({ name }) => name),
    );
    const values = metric("feature1");
    expect(mean(values.slice(-5))).toBeLessThan(0.7 * mean(values.slice(0, 5)));
    expect(arm.description).toContain("hidden1 from the teacher's hidden2 (hint, weight 1)");
  });

  test("a weight of 0 leaves the student's bytes as they are without features", async () => {
    const { job, metric } = await run({ features: [{ ...hint, weight: 0 }] });
    const plain = await run({});
    const bytes = ({ job: { model: own } }: { job: typeof job }) => [...own.weights.values()];
    expect(bytes({ job })).toEqual(bytes(plain));
    expect(metric("features").every((value) => value === 0)).toBe(true);
  });

  test("soft weight 0 too: self-check J4 passes for what is learned at some time alone", async () => {
    const checked = async (weight: ScheduleSpec) => {
      const distillation = { softWeight: 0, hardWeight: 1, features: [{ ...hint, weight }] };
      const { value } = await finish(runDistillation(options({ distillation })));
      return value.checks.find(({ id }) => id === "J4");
    };
    const detail = (end: string) => expect.stringContaining(end) as string;
    expect(await checked(0)).toMatchObject({
      passed: false,
      detail: detail("nothing is distilled"),
    });
    const late = { kind: "windows", value: 1, on: [[0.5, 1]] } as const;
    expect(await checked(late)).toMatchObject({ passed: true, detail: detail("its features") });
  });

  test("the total is the sum of all weighted terms, each with its own schedule", async () => {
    const windows = { kind: "windows", value: 3, on: [[0.5, 1]] } as const;
    const features = [hint, { ...hint, loss: "similarity", weight: windows }] as const;
    const { metric } = await run({ features });
    const terms = ["loss", "hard", "soft", "features", "feature1", "feature2"].map(metric);
    const [loss, hard, soft, sum, first, second] = terms as [
      number[],
      number[],
      number[],
      number[],
      number[],
      number[],
    ];
    for (const [step, total] of loss.entries()) {
      const late = step >= loss.length / 2 ? 3 : 0;
      expect(sum[step]).toBeCloseTo(first[step]! + late * second[step]!, 5);
      expect(total).toBeCloseTo(0.1 * hard[step]! + 0.9 * soft[step]! + sum[step]!, 4); // float32
    }
  });

  test("maps of convolutional nets: every loss at once, hints through convolutions of size 1", async () => {
    const network = (channels: readonly number[]) =>
      ({ family: "cnn", channels, kernel: 3, hidden: [8] }) as const;
    const features: readonly FeatureSpec[] = [
      { student: "conv1", teacher: "conv1" },
      { student: "pool1", teacher: "conv2", loss: "attention" },
      { student: "hidden1", teacher: "hidden1", loss: { name: "relation", angleWeight: 2 } },
      { student: "conv2", teacher: "conv2", loss: "similarity" },
      { student: "conv2", teacher: "hidden1", loss: { name: "graph", neighbours: 3 } },
      { student: ["pool1", "conv2"], teacher: ["pool1", "conv2"], loss: "gram" },
    ];
    const training = { epochs: 1, batchSize: 16 };
    const { metric } = await run({
      features: features.slice(0, 5),
      teacher: { kind: "train", teacher: { network: network([6, 8]), training } },
      student: network([3, 4]),
    });
    const gram = await run({
      features: features.slice(5),
      teacher: { kind: "train", teacher: { network: network([3, 4]), training } },
      student: network([3, 4]),
      allowLargerStudent: true,
    });
    for (const values of [1, 2, 3, 4, 5].map((at) => metric(`feature${at}`)))
      expect(values.every((value) => Number.isFinite(value) && value > 1e-6)).toBe(true);
    expect(gram.metric("feature1").every((value) => value > 0)).toBe(true);
  });

  test("features alone for half of the run: neither soft nor hard labels", async () => {
    const { metric } = await run({
      features: [hint],
      distillation: { softWeight: 0, hardWeight: { kind: "windows", value: 1, on: [[0.5, 1]] } },
      training: { epochs: 16, batchSize: 16, learningRate: 0.01 },
    });
    const values = metric("loss").slice(0, 40);
    expect(values).toEqual(metric("feature1").slice(0, 40));
    expect(mean(values.slice(-5))).toBeLessThan(0.5 * mean(values.slice(0, 5)));
    expect(metric("loss").at(-1)).toBeGreaterThan(metric("feature1").at(-1)!);
  });
});

test("the report names a loss's options", async () => {
  const loss = { name: "graph", neighbours: 4 } as const;
  const { arm } = await run({ features: [{ ...hint, loss }] });
  expect(arm.description).toContain(
    "hidden1 from the teacher's hidden2 (graph, neighbours 4, weight 1)",
  );
});

test("an empty list is none", async () => {
  const { job, arm } = await run({ features: [] });
  const plain = await run({});
  expect([...job.model.weights.values()]).toEqual([...plain.job.model.weights.values()]);
  expect(arm.description).not.toContain("Features");
});

test("the teacher is asked about the views that the student sees, once each", async () => {
  const asked: string[] = [];
  const watched: Teacher = {
    ...teacher,
    features: async (...given) => {
      const open = await teacher.features!(...given);
      return {
        ...open,
        ask: (batch) => {
          asked.push(...batch.keys.map((key) => `${key} ${batch.view}`));
          return open.ask(batch);
        },
      };
    },
  };
  await run({
    features: [hint],
    teacher: { kind: "given", teacher: watched },
    labels: { views: 2, augmentation: { shift: 1 } },
    training: { epochs: 6, batchSize: 14, learningRate: 0.01 }, // five whole batches
    seeds: [1, 2],
  });
  expect(asked).toHaveLength(140);
  expect(new Set(asked).size).toBe(140);
});

test("stopped and resumed, a run with a regressor gives the same student", async () => {
  const whole = await run({ features: [hint] });
  const store = memoryStore();
  const stop = new AbortController();
  const stopped = runDistillation(
    options({ features: [hint], store, signal: stop.signal, checkpointSeconds: 0 }),
  );
  await expect(async () => {
    for await (const event of stopped) if (event.type === "steps") stop.abort();
  }).rejects.toMatchObject({ code: "run/interrupted" });
  const resumed = await run({ features: [hint], store });
  expect(outcome(resumed.job)).toEqual(outcome(whole.job));
});

test("parts of a batch add up to the step of the whole batch", async () => {
  const whole = await run({ features: [hint] });
  const training = { epochs: 3, batchSize: 16, learningRate: 0.01, accumulate: 2 };
  const parts = await run({ features: [hint], training });
  for (const [at, value] of whole.metric("feature1").entries())
    expect(parts.metric("feature1")[at]).toBeCloseTo(value, 4); // sums in another order, and Adam
});

const training = { epochs: 4, batchSize: 16, learningRate: 0.01 };
const withClasses = { transfer: { whole: data.train, withheld: [], labels: "none" } } as const;
test.each<readonly [string, More]>([
  ["mixed views", { labels: { views: 2, augmentation: { shift: 1, mixup: { alpha: 0.4 } } } }],
  ["no hard labels", withClasses],
  ["limits of gradients and weights", { training: { ...training, clipNorm: 0.5, maxNorm: 0.8 } }],
  [
    "a frozen layer",
    {
      training: {
        ...training,
        parameterGroups: [{ parameters: "hidden1/*", learningRateScale: 0 }],
      },
    },
  ],
  [
    "pruned units",
    { training: { ...training, pruning: { sparsity: 0.5, structure: "units", endEpoch: 2 } } },
  ],
])("with %s features are learned", async (_, more) => {
  const { job, metric } = await run({ features: [hint], ...more });
  const values = metric("feature1");
  expect(mean(values.slice(-5))).toBeLessThan(mean(values.slice(0, 5)));
  expect([...job.model.weights.keys()].some((name) => name.startsWith("feature"))).toBe(false);
});

test("an .onnx teacher's layer is learned as the same network's is", async () => {
  const bytes = studentFile(model).bytes;
  const foreign = await onnxTeacher(runtime, {
    model: bytes,
    file: "teacher.onnx",
    dataset: data.train,
  });
  const own = await run({ features: [hint] });
  const other = await run({
    features: [{ ...hint, teacher: "v11" }],
    teacher: { kind: "given", teacher: foreign },
  });
  for (const [at, value] of own.metric("feature1").entries())
    expect(other.metric("feature1")[at]).toBeCloseTo(value, 3); // its logits, and so its soft labels, round otherwise
  await foreign.close();
});

const board: StudentBudget = {
  name: "a board",
  flashBytes: 1e6,
  ramBytes: 1e6,
  path: "portable",
  overhead: { flashBytes: 0, ramBytes: 0 },
  millisecondsPerMac: 1e-6,
};

describe("what is refused before anything is trained or labelled", () => {
  const trained = (hidden: readonly number[], members = 1): DistillOptions["teacher"] => ({
    kind: "train",
    teacher: { network: { family: "mlp", hidden }, training: { epochs: 1 }, members },
  });
  const cases: Record<string, readonly [More, string, RegExp]> = {
    "a layer that the student has not": [
      { features: [{ ...hint, student: "hiden1" }] },
      "config/unknown-name",
      /of mlp \S+, pair 1: unknown layer of the student "hiden1".*Did you mean "hidden1"/,
    ],
    "a layer that a given teacher has not": [
      { features: [{ ...hint, teacher: "hidden3" }] },
      "config/unknown-name",
      /unknown layer "hidden3"/,
    ],
    "a layer that a teacher to train will not have": [
      { features: [hint], teacher: trained([9]) },
      "config/unknown-name",
      /layer of the teacher "hidden2"/,
    ],
    "several networks": [
      { features: [hint], teacher: trained([9, 9], 2) },
      "config/conflict",
      /one network of Potstill's own or one \.onnx file.*got several networks/,
    ],
    "a network whose units are pruned while it trains": [
      {
        features: [hint],
        teacher: {
          kind: "train",
          teacher: {
            network: { family: "mlp", hidden: [9, 9] },
            training: { epochs: 4, pruning: { sparsity: 0.5, structure: "units" } },
          },
        },
      },
      "config/conflict",
      /got a network whose units are pruned/,
    ],
    "a layer that a student has not which a search may choose": [
      {
        features: [{ ...hint, student: "hidden2" }],
        student: { family: "mlp", hidden: [6, 6] },
        search: { budget: board },
      },
      "config/unknown-name",
      /of mlp \S+, pair 1: unknown layer of the student "hidden2"/,
    ],
    "a step that does not fit into memory": [
      { features: [{ ...hint, loss: "relation" }], teacher: trained([9, 9]), memoryBytes: 200_000 },
      "run/memory",
      /a step must fit/,
    ],
    "weights of 0 of soft and hard labels in the whole run": [
      { features: [hint], distillation: { features: [hint], softWeight: 0, hardWeight: 0 } },
      "config/conflict",
      /features alone train no last layer/,
    ],
    "no label at all, beside features": [
      {
        distillation: { features: [hint], softWeight: 0 },
        transfer: { whole: data.train, withheld: [], labels: "none" },
      },
      "config/conflict",
      /features alone train no last layer/,
    ],
    "gram of unequal channels: the pair is named": [
      {
        features: [{ student: ["conv1", "conv2"], teacher: ["conv1", "conv2"], loss: "gram" }],
        student: { family: "cnn", channels: [2, 3], hidden: [] },
        teacher: {
          kind: "train",
          teacher: {
            network: { family: "cnn", channels: [4, 5], hidden: [] },
            training: { epochs: 1 },
          },
        },
      },
      "shape/mismatch",
      /^distillation.features of cnn .*, pair 1: gram must fit the layers .* got gramLoss: /,
    ],
    "one layer for gram": [
      { features: [{ ...hint, loss: "gram" }] },
      "config/conflict",
      /gram compares the way from one layer to another/,
    ],
    "two layers for a hint": [
      { features: [{ ...hint, student: ["hidden1", "output"] }] },
      "config/conflict",
      /hint compares one layer/,
    ],
    "maps beside vectors": [
      {
        features: [{ student: "conv1", teacher: "hidden1" }],
        student: { family: "cnn", channels: [2] },
      },
      "config/conflict",
      /whose widths alone may differ/,
    ],
    "attention of vectors": [
      { features: [{ ...hint, loss: "attention" }] },
      "config/conflict",
      /attention compares maps \[channels, height, width\], got \[8\] and \[10\]/,
    ],
    "a negative weight": [
      { features: [{ ...hint, weight: -1 }] },
      "config/range",
      /features, pair 1, weight/,
    ],
    "parts of a batch under a loss that relates samples": [
      {
        features: [{ ...hint, loss: "relation" }],
        training: { epochs: 1, batchSize: 16, accumulate: 2 },
      },
      "config/conflict",
      /relates the samples/,
    ],
    "as many neighbours as the batch has samples": [
      { features: [{ ...hint, loss: { name: "graph", neighbours: 16 } }] },
      "config/range",
      /^distillation.features of mlp \S+, pair 1: graphLoss, batchSize 16: neighbours must be an integer, at least 1 and below 16, got 16\. Correct neighbours\.$/,
    ],
    "a word for neighbours": [
      { features: [{ ...hint, loss: { name: "graph", neighbours: "4" as never } }] },
      "config/range",
      /pair 1: graphLoss, batchSize 16: neighbours must be .* got "4"\. Correct neighbours\.$/,
    ],
    "an option of another loss": [
      { features: [{ ...hint, loss: { name: "hint", neighbours: 4 } as never }] },
      "config/unknown-name",
      /^distillation.features, loss hint: unknown option "neighbours". Valid: name\.$/,
    ],
    "no loss": [
      { features: [{ ...hint, loss: null as never }] },
      "config/unknown-name",
      /unknown loss "null"/,
    ],
    "parts of a batch under a graph": [
      {
        features: [{ ...hint, loss: "graph" }],
        training: { epochs: 1, batchSize: 16, accumulate: 2 },
      },
      "config/conflict",
      /relates the samples.* with graph/,
    ],
    "the int8 grid": [
      { features: [hint], training: { epochs: 1, quantizationAware: {} } },
      "config/conflict",
      /float student/,
    ],
    "an unknown loss": [
      { features: [{ ...hint, loss: "hints" as never }] },
      "config/unknown-name",
      /Did you mean "hint"/,
    ],
  };
  test.each(Object.entries(cases))("%s", async (_, [more, code, sentence]) => {
    const events: unknown[] = [];
    const work = async (): Promise<void> => {
      for await (const event of runDistillation(options(more)))
        if (event.type !== "check") events.push(event);
    };
    await expect(work()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(sentence) as string,
    });
    expect(events).toEqual([]);
  });
});
