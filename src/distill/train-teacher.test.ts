/** @file Teachers of several networks: one member, many, weights, averages, specialists. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Dataset,
  memoryStore,
  openSoftLabels,
  recombine,
  type Store,
  subset,
} from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import type { DistillEvent } from "./events.ts";
import { runJob } from "./job.ts";
import { labelAll } from "./label.ts";
import type {
  DistillOptions,
  EnsembleSource,
  SpecialistsSource,
  TeacherSource,
} from "./options.ts";
import { packageJob } from "./package-job.ts";
import { runDistillation } from "./run-distillation.ts";
import {
  checksOf,
  contentsOf,
  data,
  finish,
  outcome,
  randomModel,
  randomTeacher,
  tinyRun,
} from "./small-problem.cases.ts";
import { averagedTeacher, ensembleTeacher, validationWeights } from "./teachers/index.ts";
import { trainTeacherAlone } from "./train-teacher.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const network = { family: "mlp", hidden: [12] } as const;
const training = { epochs: 2, batchSize: 16, learningRate: 0.01 };
const trained = { kind: "train", teacher: { network, training } } as const;

async function distilled(teacher: TeacherSource, more: Partial<DistillOptions> = {}) {
  const store = memoryStore();
  const run = runDistillation(
    tinyRun(runtime, teacher, { store, arms: ["distilled", "scratch"], ...more }),
  );
  return { ...(await finish(run)), store };
}

function failedChecks(events: readonly DistillEvent[]): readonly string[] {
  return Object.entries(checksOf(events)).flatMap(([id, passed]) => (passed ? [] : [id]));
}

describe("an ensemble of one", () => {
  test("is the single path, byte for byte: jobs, soft labels and student", async () => {
    const single = await distilled(trained);
    const one = await distilled({
      kind: "ensemble",
      members: [trained],
      combine: "geometric",
      weights: "validation",
    });
    const files = await contentsOf(single.store);
    expect(await contentsOf(one.store)).toEqual(files);
    expect(Object.keys(files).join()).toContain("package/manifest.json");
    expect(one.value.student.bytes).toEqual(single.value.student.bytes);
  });
});

describe("an ensemble of networks trained here and given ones", () => {
  const source = async (): Promise<TeacherSource> => ({
    kind: "ensemble",
    members: [
      { kind: "train", teacher: { network, training, members: 2 } },
      { kind: "given", teacher: await randomTeacher(runtime) },
    ],
    weights: "validation",
  });

  test("members differ, all are in the package, and weights come from validation", async () => {
    const { value, events } = await distilled(await source());
    const { manifest } = value;
    expect(new Set(manifest.members.map(({ hash }) => hash)).size).toBe(3);
    expect(manifest.weights?.length).toBe(3);
    expect(manifest.weights!.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(failedChecks(events)).toEqual(["J9"]); // one seed is no result
    const [first] = events.filter(({ type }) => type === "job-start");
    expect(first).toMatchObject({ job: "teacher/member-1", total: 4 });
  });

  test("averaged soft labels are one vector a sample, and named so", async () => {
    const { value, events } = await distilled(await source(), { labels: { members: "averaged" } });
    expect(value.manifest.members.map(({ kind }) => kind)).toEqual(["log-probabilities"]);
    expect(value.manifest.weights).toBe(undefined);
    expect(failedChecks(events)).toEqual(["J9"]); // one seed is no result
  });

  test("another combination and temperature from the package: the student of such a teacher", async () => {
    const members = [await randomTeacher(runtime, 1), await randomTeacher(runtime, 2)];
    const student = async (kind: "package" | "teacher") => {
      const combine = "geometric";
      const weights = [3, 1];
      const store = memoryStore();
      const teacher = ensembleTeacher(members, kind === "package" ? {} : { combine, weights });
      await labelAll({ teacher, dataset: data.train, store });
      const opened = await openSoftLabels(store);
      const softLabels = kind === "package" ? recombine(opened, { combine, weights }) : opened;
      const { start: _, ...asked } = tinyRun(runtime, { kind: "given", teacher });
      const job = packageJob({
        ...asked,
        id: "student",
        softLabels,
        ...data,
        distillation: { temperature: 2 },
        seed: 1,
      });
      return outcome((await finish(runJob(job, { runtime }))).value);
    };
    expect(await student("package")).toEqual(await student("teacher"));
    const one = memoryStore();
    await labelAll({ teacher: members[0]!, dataset: data.train, store: one });
    const alone = await openSoftLabels(one);
    expect(() => recombine(alone, { combine: "logits" })).toThrowError(
      "holds each member's logits",
    );
  });

  test("an average of one member is that member", async () => {
    const teacher = await randomTeacher(runtime);
    expect(averagedTeacher(teacher)).toBe(teacher);
  });
});

describe("weights", () => {
  interface Case {
    readonly combine: "arithmetic" | "geometric";
    readonly members: number;
    readonly classes: number;
    readonly labels: number[];
    readonly logits: number[];
    readonly nll: number;
    readonly equal: number;
  }
  const path = new URL("../../test/golden/specialists.json", import.meta.url);
  const { weights } = JSON.parse(readFileSync(path, "utf8")) as { weights: readonly Case[] };

  /** The method ends 1e-6 nats above the minimum at most; scipy's own tolerance is smaller. */
  test.each(weights)("$combine of $members members: scipy's minimum", (each) => {
    const { logits, labels, combine, classes: classCount } = each;
    const found = validationWeights(Float32Array.from(logits), Int32Array.from(labels), {
      members: Array.from({ length: each.members }, () => ({ kind: "logits" as const })),
      combine,
      classCount,
    });
    expect(found.nllOfEqual).toBeCloseTo(each.equal, 6);
    expect(Math.abs(found.nll - each.nll)).toBeLessThan(2e-6);
    expect(found.gap).toBeLessThanOrEqual(1e-6);
    expect(found.nll).toBeLessThanOrEqual(found.nllOfEqual);
  });
});

test("weights that do not fit are refused before a network is trained", async () => {
  const teacher = { network, training, members: 2, weights: [1, 2, 3] };
  const run = runDistillation(tinyRun(runtime, { kind: "train", teacher }));
  await expect(run.next()).rejects.toThrowError("weights must be 2 finite numbers");
});

test.each([
  [{ count: 4 }, "count must be"],
  [{ count: 0 }, "count must be"],
  [{ size: 3 }, "size must be an integer in 2 … 2"],
  [{ active: 4 }, "active must be"],
])("specialists of %o are refused before the generalist is trained", async (wrong, message) => {
  const specialists = { count: 2, training, ...wrong };
  const source: SpecialistsSource = { kind: "specialists", generalist: trained, specialists };
  await expect(runDistillation(tinyRun(runtime, source)).next()).rejects.toThrowError(message);
  const context = tinyRun(runtime, source);
  await expect(trainTeacherAlone(source, context).next()).rejects.toThrowError(message);
});

describe("an ensemble within is refused before a network is trained where it would be lost", () => {
  const pair = { network, training, members: 2 };
  const nested = async (): Promise<readonly EnsembleSource["members"][number][]> => {
    const members = [await randomTeacher(runtime, 1), await randomTeacher(runtime, 2)];
    const teacher = ensembleTeacher(members, { combine: "geometric", weights: [1, 3] });
    return [trained, { kind: "given", teacher }];
  };

  test("a given one of another combination", async () => {
    const source: EnsembleSource = { kind: "ensemble", members: await nested() };
    const run = runDistillation(tinyRun(runtime, source));
    await expect(run.next()).rejects.toMatchObject({ code: "config/conflict" });
  });

  test.each([
    ["combination", { ...pair, combine: "geometric" }],
    ["weights", { ...pair, weights: [1, 3] }],
  ] as const)("the %s of networks to train", async (_, teacher) => {
    const member = { kind: "train", teacher } as const;
    for (const members of [[member], [member, trained]]) {
      const source: EnsembleSource = { kind: "ensemble", members };
      const context = tinyRun(runtime, source);
      for (const run of [runDistillation(context), trainTeacherAlone(source, context)])
        await expect(run.next()).rejects.toMatchObject({ code: "config/conflict" });
    }
  });

  test("a given one of the same combination counts as one member", async () => {
    const source: EnsembleSource = {
      kind: "ensemble",
      combine: "geometric",
      members: await nested(),
    };
    const { value } = await distilled(source, { arms: ["distilled"] });
    expect(value.manifest.weights).toEqual([1 / 2, 1 / 8, 3 / 8]);
  });
});

describe("specialists", () => {
  const source: SpecialistsSource = {
    kind: "specialists",
    generalist: trained,
    specialists: { count: 3, size: 2, training, softWeight: 0.5 },
  };

  test("generalist and specialists are one teacher, distilled into one net", async () => {
    const { value, events } = await distilled(source);
    expect(value.manifest.members).toMatchObject([{ kind: "log-probabilities" }]);
    expect(failedChecks(events)).toEqual(["J9"]); // one seed is no result
    const jobs = events.flatMap((event) => (event.type === "job-end" ? [event.job] : []));
    expect(jobs.slice(0, 2)).toEqual(["teacher/generalist", "teacher/specialist-1"]);
  });

  test("stopped after any training and resumed: the same teacher", async () => {
    const made = async (store: Store, stopAfter: number): Promise<string | undefined> => {
      const context = { ...tinyRun(runtime, source), store };
      const run = trainTeacherAlone(source, context);
      let ended = 0;
      for (;;) {
        const next = await run.next();
        if (next.done) return next.value.hash;
        if (next.value.type === "job-end") ended += 1;
        if (ended === stopAfter) return undefined;
      }
    };
    const whole = await made(memoryStore(), -1);
    const store = memoryStore();
    for (const stop of [1, 2]) expect(await made(store, stop)).toBe(undefined);
    expect(await made(store, -1)).toBe(whole);
  });

  /** As `transfer` in a recipe has it: the students get a part, the teacher the whole. */
  test("they are trained on the teacher's data, not on the part that the students get", async () => {
    const part = subset(
      data.train,
      Int32Array.from({ length: 20 }, (_, at) => at),
      "part",
    );
    const hashOf = async (own: SpecialistsSource, train: Dataset): Promise<string> => {
      const context = tinyRun(runtime, own, { data: { ...data, train } });
      return (await finish(trainTeacherAlone(own, context))).value.hash;
    };
    const generalist = { ...trained, teacher: { ...trained.teacher, data: data.train } } as const;
    expect(await hashOf({ ...source, generalist }, part)).toBe(await hashOf(source, data.train));
    const model = { kind: "model", model: randomModel([12], 7) } as const;
    const given = { ...source, generalist: model };
    const whole = await hashOf(given, data.train);
    expect(await hashOf({ ...given, data: data.train }, part)).toBe(whole);
    expect(await hashOf(given, part)).not.toBe(whole); // what they are trained on shows
  });
});
