/**
 * @file Whole runs in miniature: what they count, what they check, and each failure caught under
 * its name.
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryStore, openSoftLabels, type SoftLabels, type Store } from "../data/index.ts";
import { add, mul, sub } from "../engine/ops/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { labelAll } from "./label.ts";
import { hardLabelLoss, logitMatchingLoss, softTargetLoss } from "./losses/index.ts";
import type { DistillOptions } from "./options.ts";
import { runDistillation } from "./run-distillation.ts";
import {
  checksOf,
  data,
  failure,
  finish,
  randomModel,
  randomTeacher,
  tinyRun,
} from "./small-problem.cases.ts";
import { functionTeacher, type Teacher } from "./teachers/index.ts";
import { networkTeacher } from "./teachers/network-teacher.ts";

let runtime: Runtime;
let teacher: Teacher;
let given: DistillOptions["teacher"];

beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await randomTeacher(runtime);
  given = { kind: "given", teacher };
});
afterAll(() => runtime.close());

const run = (more: Partial<DistillOptions> = {}, source = given) =>
  finish(runDistillation(tinyRun(runtime, source, more)));

async function packaged(): Promise<SoftLabels> {
  const store = memoryStore();
  await labelAll({ teacher, dataset: data.train, store });
  return openSoftLabels(store);
}

describe("a run", () => {
  test("passes all nine checks with three seeds, each noted once", async () => {
    const { events, value } = await run({ seeds: [1, 2, 3] });
    const all = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`J${i + 1}`, true]));
    expect(checksOf(events)).toEqual(all);
    expect(value.checks.map(({ id }) => id).sort()).toEqual(Object.keys(all));
  });

  test.each<[string, Partial<DistillOptions>, number]>([
    ["plain", {}, 2],
    ["with tuning", { tuning: { learningRates: [0.01, 0.02] } }, 6],
    ["with one rate, which is no choice", { tuning: { learningRates: [0.01] } }, 2],
    ["with precisions", { precisions: true }, 4],
    [
      "with convergence on more seeds than there are",
      { convergence: { seeds: 5, learningRates: [0.01, 0.02] } },
      8,
    ],
    [
      "with four arms and two seeds",
      {
        arms: ["distilled", "scratch", "scratchAugmented", "scratchSmoothed"],
        seeds: [1, 2],
        labels: { augmentation: { shift: 1 } },
      },
      8,
    ],
    [
      "with a teacher that saw no augmentation: that arm is scratch itself",
      { arms: ["distilled", "scratch", "scratchAugmented", "scratchSmoothed"], seeds: [1, 2] },
      6,
    ],
  ])("counts its trainings: %s", async (_, more, expected) => {
    const short = { epochs: 1, batchSize: 32, learningRate: 0.01 };
    const { events } = await run({ training: short, ...more });
    const starts = events.filter((event) => event.type === "job-start");
    expect(starts.map(({ number }) => number)).toEqual(starts.map((_, i) => i + 1));
    expect(starts.map(({ total }) => total)).toEqual(starts.map(() => expected));
    expect(starts).toHaveLength(expected);
    expect(new Set(starts.map(({ job }) => job)).size).toBe(expected);
  });

  test("counts the teacher's members", async () => {
    const network = { family: "mlp", hidden: [10] } as const;
    const training = { epochs: 1, batchSize: 32 };
    const { events } = await run({}, { kind: "train", teacher: { network, training, members: 2 } });
    const starts = events.filter((event) => event.type === "job-start");
    expect(starts.map(({ number, total }) => [number, total])).toEqual(
      [1, 2, 3, 4].map((n) => [n, 4]),
    );
  });

  test("leaves a given teacher open, for the next run", async () => {
    await run();
    await expect(run()).resolves.toBeDefined();
  });

  test.each<[string, Partial<DistillOptions>, string]>([
    ["a seed twice", { seeds: [1, 1] }, "config/range"],
    ["a learning rate twice", { tuning: { learningRates: [0.1, 0.1] } }, "config/range"],
    ["no arm", { arms: [] }, "config/range"],
    [
      "precisions without the distilled arm",
      { arms: ["scratch"], precisions: true },
      "config/conflict",
    ],
    [
      "views that the teacher never saw",
      { training: { epochs: 1, augmentation: { shift: 1 } } },
      "config/conflict",
    ],
    ["no epoch", { training: { epochs: 0 } }, "config/range"],
    ["validation samples in training", { data: { ...data, validation: data.train } }, "data/leak"],
  ])("refuses %s", async (_, more, code) => {
    expect((await failure(run(more))).code).toBe(code);
  });

  test("refuses live without the teacher", async () => {
    const source = { kind: "softLabels", softLabels: await packaged() } as const;
    const live = run({ distillation: { live: true } }, source);
    expect((await failure(live)).code).toBe("config/conflict");
  });
});

describe("J1, teacher and student swapped", () => {
  const larger = { family: "mlp", hidden: [13] } as const;

  test("a larger student is refused by name", async () => {
    const { code, message } = await failure(run({ student: larger }));
    expect(code).toBe("check/J1");
    expect(message).toMatchInlineSnapshot(
      `"self-check J1 (teacher and student not swapped): the student must not have more parameters than the teacher, got student 523, teacher 483. Swap them, or set allowLargerStudent: true if this is meant."`,
    );
  });

  test("a flag allows it, and a student as large as the teacher needs none", async () => {
    await run({ student: larger, allowLargerStudent: true });
    await run({ student: { family: "mlp", hidden: [12] } });
  });
});

describe("J2, the teacher's weights change", () => {
  test("after labelling", async () => {
    const model = randomModel([12], 7, 2);
    const changing = await networkTeacher(runtime, model);
    const steps = runDistillation(tinyRun(runtime, { kind: "given", teacher: changing }));
    const work = (async () => {
      for await (const event of steps)
        if (event.type === "epoch") model.weights.get("output/bias")!.data[0] = 0.5;
    })();
    const { code, message } = await failure(work);
    expect(code).toBe("check/J2");
    expect(message).toContain("a teacher's weights must not change");
  });

  test("while labelling", async () => {
    let calls = 0;
    const changing = {
      ...teacher,
      currentHash: () => (calls++ > -1 ? "f".repeat(64) : teacher.hash),
    };
    expect((await failure(run({}, { kind: "given", teacher: changing }))).code).toBe("check/J2");
  });
});

test("J3, a teacher in training mode: dropout answers differently each time", async () => {
  let calls = 0;
  const dropout: Teacher = {
    ...teacher,
    logits: async (batch) => {
      const logits = await teacher.logits(batch);
      calls += 1;
      return logits.map((value, i) => ((i + calls) % 5 === 0 ? 0 : value));
    },
  };
  const { code, message } = await failure(run({}, { kind: "given", teacher: dropout }));
  expect(code).toBe("check/J3");
  expect(message).toContain("the same batch asked twice must get the same logits");
});

test("J3, a teacher that is declared not repeatable is flagged", async () => {
  const workload = { ...teacher.workload, isRepeatable: false };
  const { events } = await run({}, { kind: "given", teacher: { ...teacher, workload } });
  expect(checksOf(events).J3).toBe(false);
});

describe("J4, the distillation gradient does not reach the student", () => {
  test.each<[string, NonNullable<DistillOptions["loss"]>, RegExp]>([
    [
      "teacher logits on both sides",
      (_, t, { sampleWeights }) => softTargetLoss(t, t, { sampleWeights }),
      /must depend on every weight/,
    ],
    [
      "student logits on both sides",
      (s, _, { sampleWeights }) => softTargetLoss(s, s, { sampleWeights }),
      /must depend on the teacher's logits/,
    ],
    [
      "a loss multiplied by 0",
      (s, t, { sampleWeights, temperature }) =>
        mul(softTargetLoss(s, t, { sampleWeights }), sub(temperature, temperature)),
      /not 0 at step 1, got norm 0/,
    ],
  ])("%s", async (_, loss, message) => {
    const found = await failure(run({ loss }));
    expect(found.code).toBe("check/J4");
    expect(found.message).toMatch(message);
  });

  test("a soft weight of 0 throughout is flagged, one that rises later is not", async () => {
    const never = await run({ distillation: { softWeight: 0, hardWeight: 1 } });
    expect(checksOf(never.events).J4).toBe(false);
    const softWeight = { kind: "warmup", value: 0.9, warmup: 0.5 } as const;
    expect(checksOf((await run({ distillation: { softWeight } })).events).J4).toBe(true);
  });

  test("a loss of the user's own runs, and trains another student", async () => {
    const own = await run({
      loss: (s, t, { sampleWeights }) => logitMatchingLoss(s, t, { sampleWeights }),
    });
    const named = await run({ distillation: { loss: "logits" } });
    const bytes = ({ value }: typeof own) => value.student.bytes;
    expect(bytes(own)).toEqual(bytes(named));
    expect(bytes(own)).not.toEqual(bytes(await run()));
    expect(checksOf(own.events).J7).toBe(true);
  });

  test("and may be of the labels too: both terms in one function are the two of the run", async () => {
    const { value: both } = await run({
      distillation: { softWeight: 1, hardWeight: 0, temperature: 3 },
      loss: (s, t, { temperature, sampleWeights, hardLabels }) =>
        add(
          mul(softTargetLoss(s, t, { temperature, sampleWeights }), 0.9),
          mul(
            hardLabelLoss(s, hardLabels!.classes, { sampleWeights: hardLabels!.sampleWeights }),
            0.1,
          ),
        ),
    });
    const { value: apart } = await run({ distillation: { temperature: 3 } });
    const course = ({ arms }: typeof both) =>
      arms.find(({ arm }) => arm === "distilled")!.runs[0]!.job.history;
    for (const [epoch, { validationLoss }] of course(apart).entries())
      expect(course(both)[epoch]!.validationLoss).toBeCloseTo(validationLoss, 4); // float32, other sums
  });
});

describe("J5, probabilities where logits are meant", () => {
  test("undeclared, from a function", async () => {
    const wrong = functionTeacher({
      name: "api",
      hash: "1",
      classCount: 3,
      ask: async ({ keys }) => ({ logits: keys.map(() => [0.7, 0.2, 0.1]) }),
    });
    const { code, message } = await failure(run({}, { kind: "given", teacher: wrong }));
    expect(code).toBe("check/J5");
    expect(message).toContain("Answer { probabilities: … } if that is what they are");
  });

  test("in a package from elsewhere", async () => {
    const softLabels = await packaged();
    const wrong: SoftLabels = {
      ...softLabels,
      logits: (row, _, into) => {
        into.set(row % 2 === 0 ? [0.7, 0.2, 0.1] : [0.01, 0.98, 0.01]);
        return into;
      },
    };
    const { code, message } = await failure(run({}, { kind: "softLabels", softLabels: wrong }));
    expect(code).toBe("check/J5");
    expect(message).toContain("is said to give logits, got numbers in 0 … 1 that sum to 1");
  });

  test("log-probabilities that are none", async () => {
    const softLabels = await packaged();
    const members = softLabels.manifest.members.map((member) => ({
      ...member,
      kind: "log-probabilities" as const,
    }));
    const wrong = { ...softLabels, manifest: { ...softLabels.manifest, members } };
    const { code } = await failure(run({}, { kind: "softLabels", softLabels: wrong }));
    expect(code).toBe("check/J5");
  });
});

/** @returns whether a file belongs to the result of a task of this kind */
async function isOf(store: Store, name: string, kind: string): Promise<boolean> {
  const entry = await store.read(name.replace(/^(results\/\w+)\/.*/, "$1/entry.json"));
  return new TextDecoder().decode(entry).includes(`"kind":"${kind}"`);
}

describe("J6, soft labels out of order", () => {
  /** The package's keys turned by one: every sample finds its neighbour's row. */
  function shuffled(softLabels: SoftLabels): SoftLabels {
    const keys = [...softLabels.keys.slice(1), softLabels.keys[0]!];
    const rows = new Map(keys.map((key, row) => [key, row]));
    return { ...softLabels, keys, lookup: (key) => rows.get(key) };
  }

  test("keys shuffled in the package", async () => {
    const softLabels = shuffled(await packaged());
    const { code, message } = await failure(run({}, { kind: "softLabels", softLabels }));
    expect(code).toBe("check/J6");
    expect(message).toContain("and must be so in the package");
  });

  test("logits shuffled against keys and labels, the teacher not here", async () => {
    const honest = await packaged();
    const softLabels: SoftLabels = {
      ...honest,
      logits: (row, view, into) => honest.logits((row + 7) % honest.length, view, into),
    };
    const { code, message } = await failure(run({}, { kind: "softLabels", softLabels }));
    expect(code).toBe("check/J6");
    expect(message).toContain("labelled samples right when it was asked");
  });

  test("another teacher's package under this teacher's name", async () => {
    const store = memoryStore();
    const impostor = {
      ...(await randomTeacher(runtime, 8)),
      hash: teacher.hash,
      members: teacher.members,
      currentHash: () => teacher.hash,
      name: teacher.name,
    };
    await finish(
      runDistillation(tinyRun(runtime, { kind: "given", teacher: impostor }, { store })),
    );
    for (const name of await store.list("results/"))
      if (!(await isOf(store, name, "labels"))) await store.remove(name); // only these are found
    const { code } = await failure(run({ store }));
    expect(code).toBe("check/J6");
  });
});

test("J9, one seed is flagged and does not stop the run", async () => {
  const { value } = await run();
  expect(value.checks.find(({ id }) => id === "J9")).toMatchObject({
    passed: false,
    detail: "1 seed(s): below 3, so no result to quote",
  });
});
