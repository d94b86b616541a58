/** @file Students that learn to fool a discriminator beside soft and hard labels. */

import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryStore } from "../data/index.ts";
import type { ScheduleSpec } from "../engine/optim/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { assembleSlabs, type StepsEvent } from "../engine/train/index.ts";
import { AdversarialDistillation } from "./adversarial-distillation.ts";
import { Distiller } from "./distiller.ts";
import { FeatureDistillation } from "./feature-distillation.ts";
import { type Job, type JobResult, prepareJob, runJob } from "./job.ts";
import type { LabelOptions } from "./label.ts";
import { LogitsDistillation } from "./logits-distillation.ts";
import type { DistillOptions } from "./options.ts";
import { runDistillation } from "./run-distillation.ts";
import {
  data,
  failure,
  finish,
  outcome,
  randomModel,
  randomTeacher,
  stripes,
  tinyJob,
  tinyRun,
} from "./small-problem.cases.ts";
import { ensembleTeacher, type Teacher } from "./teachers/index.ts";
import { networkTeacher } from "./teachers/network-teacher.ts";
import { networkOf } from "./training/model-file.ts";
import type { AdversarialSpec, DistillationSpec, TrainingSpec } from "./training-spec.ts";

let runtime: Runtime;
let teacher: Teacher;
/** Of large logits, as a trained one has them. */
let sure: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await randomTeacher(runtime);
  sure = await networkTeacher(runtime, randomModel([12], 7, 6));
});
afterAll(() => runtime.close());

const adversarial: AdversarialSpec = { weight: 0.5, hidden: [16] };
const training = { epochs: 4, batchSize: 16, learningRate: 0.01 } as const;
const withClasses = { transfer: { whole: data.train, withheld: [], labels: "none" } } as const;

function options({ distillation, ...more }: Partial<DistillOptions> = {}): DistillOptions {
  return tinyRun(
    runtime,
    { kind: "given", teacher },
    { distillation: { adversarial, ...distillation }, arms: ["distilled"], training, ...more },
  );
}

function metricsOf(events: readonly { readonly type: string }[]) {
  const steps = events.filter((event): event is StepsEvent => event.type === "steps");
  return (name: string): number[] => steps.flatMap(({ metrics }) => [...(metrics[name] ?? [])]);
}

async function run(more: Partial<DistillOptions> = {}) {
  const { value, events } = await finish(runDistillation(options(more)));
  const { job } = value.arms[0]!.runs[0]!;
  return { value, job, metric: metricsOf(events), checks: value.checks };
}

async function trained(job: Job) {
  const { value, events } = await finish(runJob(job, { runtime }));
  return { value, metric: metricsOf(events) };
}

const bytesOf = ({ value }: { readonly value: JobResult }): unknown[] => [
  ...value.model.weights.values(),
];

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("beside soft and hard labels", () => {
  test("the discriminator learns, and then the student learns to fool it", async () => {
    const of = async (weight: ScheduleSpec) => {
      const distillation = { softWeight: 0, hardWeight: 1, adversarial: { weight, hidden: [16] } };
      return trained(
        await tinyJob(teacher, { training: { ...training, epochs: 24 }, distillation }),
      );
    };
    const { metric } = await of({ kind: "windows", value: 2, on: [[0.5, 1]] });
    const { metric: alone } = await of(0);
    const [told, fooled, soft] = ["discriminator", "adversarial", "soft"].map(metric);
    const [early, late] = [
      (of: number[]) => mean(of.slice(50, 60)),
      (of: number[]) => mean(of.slice(-10)),
    ];
    // it cannot tell at first: 2 ln 2 = 1.39, and what the initial weights add
    expect(Math.abs(told![0]! - 2 * Math.LN2)).toBeLessThan(0.5);
    expect(early(told!)).toBeLessThan(0.85 * mean(told!.slice(0, 5))); // measured 1.02 of 1.45
    expect(late(fooled!)).toBeLessThan(0.8 * early(fooled!)); // 0.98 of 1.27
    expect(late(soft!)).toBeLessThan(0.8 * late(alone("soft"))); // nearer to the teacher: 2.0 of 3.9
  });

  test.each([0.1, 0])(
    "weight %d: a rate that is ordinary for SGD ends in numbers",
    async (weight) => {
      const job = (distillation: DistillationSpec) => {
        const optimizer = { name: "sgd", momentum: 0.9 } as const;
        const more = { training: { ...training, epochs: 30, optimizer, learningRate: 0.1 } };
        return tinyJob(sure, { ...more, distillation: { temperature: 1, ...distillation } });
      };
      const { metric, value } = await trained(await job({ adversarial: { weight } }));
      for (const name of ["adversarial", "discriminator"])
        expect(Math.max(...metric(name))).toBeLessThan(20);
      const plain = await trained(await job({}));
      const isSame = isDeepStrictEqual(bytesOf({ value }), bytesOf(plain));
      expect(isSame).toBe(weight === 0);
    },
  );

  test("the total is the sum of all terms, each with its weight", async () => {
    const weight = { kind: "windows", value: 0.5, on: [[0.5, 1]] } as const;
    const { metric, value } = await run({
      distillation: { adversarial: { ...adversarial, weight } },
    });
    const names = ["loss", "hard", "soft", "adversarial", "discriminator"];
    const [loss, hard, soft, fooled, told] = names.map(metric) as [number[], ...number[][]];
    expect(loss).toHaveLength(20);
    for (const [step, total] of loss.entries()) {
      const late = step >= 10 ? 0.5 : 0;
      const labels = 0.1 * hard![step]! + 0.9 * soft![step]!;
      expect(total).toBeCloseTo(labels + late * fooled![step]! + told![step]!, 4); // float32
    }
    expect(value.arms[0]!.description).toContain(
      "Adversarial, weight 0.5 (in 0.5–1 of the run, else 0), discriminator 16.",
    );
  });

  test("a weight of 0 leaves the student's bytes as they are without it", async () => {
    const off = await trained(
      await tinyJob(teacher, { distillation: { adversarial: { weight: 0 } } }),
    );
    const plain = await trained(await tinyJob(teacher));
    expect(bytesOf(off)).toEqual(bytesOf(plain));
    expect(off.metric("discriminator").every((value) => value > 0)).toBe(true);
  });

  test("no file has the discriminator", async () => {
    const { job, value } = await run();
    const own = networkOf(job.model).parameters.map(({ name }) => name);
    expect([...job.model.weights.keys()]).toEqual(own);
    expect(new TextDecoder().decode(value.student.bytes)).not.toContain("discriminator");
  });

  test("soft weight 0: self-check J4 says what is learned of the teacher", async () => {
    const { checks } = await run({ distillation: { softWeight: 0, hardWeight: 1 } });
    expect(checks.find(({ id }) => id === "J4")).toMatchObject({
      passed: true,
      detail: expect.stringContaining("learned of the teacher: what its logits are like") as string,
    });
  });

  test("soft weight and weight 0: self-check J4 says that nothing is distilled", async () => {
    const distillation = { softWeight: 0, hardWeight: 1, adversarial: { weight: 0 } };
    const { checks } = await run({ distillation });
    expect(checks.find(({ id }) => id === "J4")).toMatchObject({
      passed: false,
      detail: expect.stringContaining("0 throughout: nothing is distilled") as string,
    });
  });
});

test("stopped and resumed, a run with a discriminator gives the same student", async () => {
  const whole = await run();
  const store = memoryStore();
  const stop = new AbortController();
  const stopped = runDistillation(options({ store, signal: stop.signal, checkpointSeconds: 0 }));
  await expect(async () => {
    for await (const event of stopped) if (event.type === "steps") stop.abort();
  }).rejects.toMatchObject({ code: "run/interrupted" });
  const resumed = await run({ store });
  expect(outcome(resumed.job)).toEqual(outcome(whole.job));
});

test("from a package alone the student is that of a teacher who is asked, byte for byte", async () => {
  const views = { count: 2, seed: 5, augmentation: { shift: 1, mixup: { alpha: 0.4 } } } as const;
  const job = await tinyJob(teacher, { distillation: { adversarial } }, { views });
  const stored = await trained(job);
  const live = await trained({ ...job, soft: { ...job.soft!, live: teacher } });
  expect(outcome(live.value)).toEqual(outcome(stored.value));
  const plain = await trained(await tinyJob(teacher, {}, { views }));
  expect(outcome(plain.value)).not.toEqual(outcome(stored.value));
});

test("the package's student is the run's", async () => {
  const { job } = await run();
  const alone = await trained(await tinyJob(teacher, { training, distillation: { adversarial } }));
  expect(bytesOf(alone)).toEqual(bytesOf({ value: job }));
});

test("an ensemble of equal members is one of them; others are their combination", async () => {
  const of = async (from: Teacher) => {
    const { metric } = await trained(await tinyJob(from, { distillation: { adversarial } }));
    return metric("discriminator");
  };
  const one = await of(teacher);
  const equal = await of(ensembleTeacher([teacher, teacher]));
  const another = await randomTeacher(runtime, 8);
  const mixed = await of(ensembleTeacher([teacher, another]));
  const swapped = await of(ensembleTeacher([another, teacher]));
  for (const [step, value] of one.entries()) expect(equal[step]).toBeCloseTo(value, 4); // rounding, and Adam
  for (const [step, value] of mixed.entries()) {
    expect(value).not.toBeCloseTo(one[step]!, 4);
    expect(swapped[step]).toBeCloseTo(value, 4); // rounding, and Adam
  }
});

test("parts of a batch add up to the step of the whole batch", async () => {
  const of = async (accumulate: number) =>
    trained(
      await tinyJob(teacher, {
        training: { ...training, accumulate },
        distillation: { adversarial },
      }),
    );
  const [whole, parts] = [await of(1), await of(2)];
  for (const name of ["adversarial", "discriminator"])
    for (const [at, value] of whole.metric(name).entries())
      expect(parts.metric(name)[at]).toBeCloseTo(value, 3); // sums in another order, and Adam
});

test("samples without label count, under a loss that needs labels too; padding does not", async () => {
  const distillation = { loss: "nkd", adversarial } as const;
  const train = stripes("half labelled", 20, 2);
  const { feed } = prepareJob(await tinyJob(teacher, { train, distillation }));
  const { adversarialSampleWeights: all, softSampleWeights: labelled } = await assembleSlabs(
    feed,
    0,
    feed.stepsPerEpoch,
  );
  const sums = (weights: typeof all): number[] =>
    [0, 1].map((step) =>
      Array.from(weights!.data, Number)
        .slice(16 * step, 16 * (step + 1))
        .reduce((sum, each) => sum + each, 0),
    );
  for (const sum of sums(all)) expect(sum).toBeCloseTo(1, 6);
  expect(Array.from(all!.data, Number).filter((each) => each === 0)).toHaveLength(12); // of 32 slots
  expect(Math.min(...sums(labelled))).toBeLessThan(0.9);
});

const mixup = { count: 2, seed: 5, augmentation: { mixup: { alpha: 0.4 } } } as const;
const frozen = { parameters: "hidden1/*", learningRateScale: 0 } as const;
type Setting = readonly [string, Partial<TrainingSpec>, Partial<LabelOptions>];
test.each<Setting>([
  ["mixed views", {}, { views: mixup }],
  ["limits of gradients and weights", { clipNorm: 0.5, maxNorm: 0.8 }, {}],
  ["penalties", { regularization: { l1: 1e-3 } }, {}],
  ["the int8 grid", { quantizationAware: {} }, {}],
  ["pruned units", { pruning: { sparsity: 0.5, structure: "units", endEpoch: 2 } }, {}],
  ["a frozen layer", { parameterGroups: [frozen] }, {}],
])("with %s it learns", async (_, more, labels) => {
  const distillation = { adversarial: { ...adversarial, hidden: [] } }; // a linear one
  const given = { training: { ...training, ...more }, distillation };
  const { value, metric } = await trained(await tinyJob(teacher, given, labels));
  expect(metric("discriminator").every((told) => Number.isFinite(told) && told > 0)).toBe(true);
  expect([...value.model.weights.keys()].some((name) => name.startsWith("discr"))).toBe(false);
  const plain = await trained(await tinyJob(teacher, { ...given, distillation: {} }, labels));
  expect(bytesOf({ value })).not.toEqual(bytesOf(plain));
});

test("in a Distiller's list, beside a loss of the logits and features, or beside the labels", async () => {
  const fitted = async (
    distillationLoss: ConstructorParameters<typeof Distiller>[0]["distillationLoss"],
  ) => {
    const open = () => nodeRuntime({ worker: false });
    const student = { family: "mlp", hidden: [8] } as const;
    const given = { teacher: (own: Runtime) => randomTeacher(own), student };
    const distiller = new Distiller(
      { ...given, ...(distillationLoss && { distillationLoss }) },
      open,
    );
    const fit = await distiller.fit(data, { ...training, seeds: [1], arms: ["distilled"] });
    return fit.result.arms[0]!.description;
  };
  const mine = AdversarialDistillation({ weight: 0.3 });
  const hint = FeatureDistillation({ student: "hidden1", teacher: "hidden1" });
  const all = await fitted([hint, mine, LogitsDistillation({ temperature: 3 })]);
  expect(all).toContain("T = 3, weights 0.9 soft and 0.1 hard");
  expect(all).toContain("Features: hidden1");
  expect(all).toContain("Adversarial, weight 0.3, discriminator 64.");
  expect(await fitted(mine)).toContain("weights 0 soft and 0.1 hard. Adversarial, weight 0.3");
  const { message } = await failure(fitted([mine, mine]));
  expect(message).toBe(
    "distillationLoss: a student has one discriminator, got 2 adversarial losses. Leave one of them in, with more units in hidden if need be.",
  );
  const twice = await failure(fitted([LogitsDistillation(), mine, LogitsDistillation()]));
  expect(twice.message).toContain(
    "a list holds pairs of features, and at most one adversarial loss and one loss of the logits, got 2 losses of the logits",
  );
  for (const losses of [
    AdversarialDistillation(null as never),
    [AdversarialDistillation(null as never)],
  ]) {
    const none = await failure(fitted(losses));
    expect(none.message).toContain("adversarial: there must be an object of options, got null");
  }
});

test.each<readonly [DistillationSpec, string]>([
  [
    { advesarial: {} } as never,
    'distillation: unknown option "advesarial". Did you mean "adversarial"?',
  ],
  [{ adversarial: { unit: [8] } as never }, 'distillation.adversarial: unknown option "unit".'],
  [{ adversarial: null as never }, "adversarial: there must be an object of options, got null"],
])(
  "a package's student refuses the options that a run refuses: %j",
  async (distillation, sentence) => {
    const { message } = await failure(tinyJob(teacher, { distillation }));
    expect(message).toContain(sentence);
  },
);

describe("what is refused before anything is trained or labelled", () => {
  const sigmoid = (): DistillOptions["teacher"] => ({
    kind: "given",
    teacher: { ...teacher, members: [{ ...teacher.members[0]!, kind: "sigmoid" }] },
  });
  const off: DistillationSpec = { softWeight: 0, hardWeight: 0 };
  const cases: Record<string, () => readonly [Partial<DistillOptions>, string, string]> = {
    "a teacher of independent classes": () => [
      { teacher: sigmoid() },
      "config/conflict",
      "distillation.adversarial: the discriminator compares distributions over all classes, and a teacher that ends in a sigmoid gives each class one of its own, got a teacher of independent classes. Leave adversarial out.",
    ],
    "the discriminator alone": () => [
      { distillation: off },
      "config/conflict",
      "distillation: softWeight or hardWeight must be above 0 at some time: a discriminator does not see which sample has which logits, got 0 throughout, beside adversarial. Raise one of them.",
    ],
    "the discriminator alone, of students without labels": () => [
      { ...withClasses, distillation: { softWeight: 0 } },
      "config/conflict",
      "distillation: without labels softWeight must be above 0 at some time: a discriminator does not see which sample has which logits, got 0 throughout, beside adversarial. Raise softWeight, or keep some labels.",
    ],
    "a negative weight": () => [
      { distillation: { adversarial: { weight: -1 } } },
      "config/range",
      "distillation.adversarial.weight: value must be a finite number, at least 0, got -1. Correct value.",
    ],
    "a layer without units": () => [
      { distillation: { adversarial: { hidden: [8, 0] } } },
      "config/range",
      "distillation.adversarial: hidden must be an integer, at least 1, got 0. Correct hidden.",
    ],
    "a number for a list": () => [
      { distillation: { adversarial: { hidden: 8 as never } } },
      "config/type",
      "distillation.adversarial: hidden must be a list of units, got 8. Write hidden: [8].",
    ],
    "no list": () => [
      { distillation: { adversarial: { hidden: null as never } } },
      "config/type",
      "distillation.adversarial: hidden must be a list of units, got null. Write hidden: [64].",
    ],
    "a list of words": () => [
      { distillation: { adversarial: { hidden: ["8"] as never } } },
      "config/range",
      'distillation.adversarial: hidden must be an integer, at least 1, got "8". Correct hidden.',
    ],
    "no weight": () => [
      { distillation: { adversarial: { weight: null as never } } },
      "config/range",
      "distillation.adversarial.weight: value must be a finite number, at least 0, got null. Correct value.",
    ],
    "no object": () => [
      { distillation: { adversarial: null as never } },
      "config/type",
      "distillation.adversarial: there must be an object of options, got null. Write adversarial: {} for the defaults, or leave it out.",
    ],
    "an option that there is not": () => [
      { distillation: { adversarial: { widths: [8] } as never } },
      "config/unknown-name",
      'distillation.adversarial: unknown option "widths".',
    ],
    "a discriminator that does not fit into memory": () => [
      { distillation: { adversarial: { hidden: [2000, 2000] } }, memoryBytes: 20e6 },
      "run/memory",
      "training of student: a step must fit in the 20.0 MB of memory that are free",
    ],
    "whatever the student is: the discriminator is named": () => [
      { distillation: { adversarial: { hidden: [2000, 2000] } }, memoryBytes: 20e6 },
      "run/memory",
      "Use fewer units in distillation.adversarial.hidden, or a machine with more memory.",
    ],
  };
  test.each(Object.entries(cases))("%s", async (_, made) => {
    const [more, code, sentence] = made();
    const events: unknown[] = [];
    const work = async (): Promise<void> => {
      for await (const event of runDistillation(options(more)))
        if (event.type !== "check") events.push(event);
    };
    const found = await failure(work());
    expect(found.code).toBe(code);
    expect(found.message).toContain(sentence);
    expect(events).toEqual([]);
  });
});
