/**
 * @file Losses by their names: each trains a student, passes the checks, and refuses what it
 * cannot use.
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UNLABELLED } from "../data/index.ts";
import { mul } from "../engine/ops/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { assembleSlabs } from "../engine/train/index.ts";
import { prepareJob, runJob } from "./job.ts";
import { type DistillationLossName, distillationLosses, type LogitLoss } from "./losses/index.ts";
import { teacherLogits } from "./member-logits.ts";
import { namedLoss } from "./named-loss.ts";
import { runDistillation } from "./run-distillation.ts";
import { checkScaleRatio } from "./self-checks/temperature-scale.ts";
import {
  checksOf,
  data,
  failure,
  finish,
  randomTeacher,
  stripes,
  tinyJob,
  tinyRun,
} from "./small-problem.cases.ts";
import { ensembleTeacher, type Teacher } from "./teachers/index.ts";
import { writeModel } from "./training/model-file.ts";
import type { DistillationSpec } from "./training-spec.ts";

let runtime: Runtime;
let teacher: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await randomTeacher(runtime);
});
afterAll(() => runtime.close());

/** The same numbers, said to be of independent classes. */
const independent = (from: Teacher): Teacher => ({
  ...from,
  members: from.members.map((member) => ({ ...member, kind: "sigmoid" as const })),
});

const runWith = (distillation: DistillationSpec, source = teacher) =>
  finish(runDistillation(tinyRun(runtime, { kind: "given", teacher: source }, { distillation })));

const names = Object.keys(distillationLosses) as DistillationLossName[]; // its keys are the names

describe("each loss by its name", () => {
  test.each(names)("%s trains, and the checks pass", async (loss) => {
    const { events, value } = await runWith({ loss });
    expect(Object.values(checksOf(events))).not.toContain(undefined);
    expect(checksOf(events)).toMatchObject({ J4: true, J7: true });
    const [distilled, scratch] = value.arms.map(({ runs }) => runs[0]!.job.model);
    expect(writeModel(distilled!)).not.toEqual(writeModel(scratch!));
  });

  test("all of them train different students", async () => {
    const models = [];
    for (const loss of names) {
      const { value } = await finish(
        runJob(await tinyJob(teacher, { distillation: { loss } }), { runtime }),
      );
      models.push(writeModel(value.model).join());
    }
    expect(new Set(models).size).toBe(names.length);
  });

  test("options and standardisation reach the loss", async () => {
    const student = async (loss: NonNullable<DistillationSpec["loss"]>) => {
      const job = await tinyJob(teacher, { distillation: { loss } });
      return writeModel((await finish(runJob(job, { runtime }))).value.model);
    };
    expect(await student({ name: "softTargets" })).toEqual(await student("softTargets"));
    expect(await student({ name: "dkd", beta: 2 })).not.toEqual(await student("dkd"));
    expect(await student({ name: "dkd", alpha: 1, beta: 8 })).toEqual(await student("dkd"));
    expect(await student({ name: "softTargets", standardize: true })).not.toEqual(
      await student("softTargets"),
    );
  });

  test("an unknown one is refused before any work", async () => {
    // as from JavaScript
    const { code, message } = await failure(runWith({ loss: "dkdd" as "dkd" }));
    expect(code).toBe("config/unknown-name");
    expect(message).toContain('Did you mean "dkd"');
  });
});

test("a loss that needs labels leaves out samples without one; others take them", async () => {
  const train = stripes("partly", 24, 3);
  const weights = async (loss: DistillationLossName) => {
    const job = await tinyJob(teacher, {
      train,
      training: { epochs: 1, batchSize: 24 },
      distillation: { loss },
    });
    const slabs = await assembleSlabs(prepareJob(job).feed, 0, 1);
    return [slabs.softSampleWeights!, slabs.hardSampleWeights!].map(({ data: values }) => [
      ...values,
    ]);
  };
  const [dkd, hard] = await weights("dkd");
  expect(dkd).toEqual(hard);
  expect(dkd!.filter((weight) => weight === 0).length).toBe(
    train.labels.filter((label) => label === UNLABELLED).length,
  );
  const [soft] = await weights("softTargets");
  expect(soft!.every((weight) => weight > 0)).toBe(true);
});

describe("a teacher that ends in a sigmoid", () => {
  const alone = { combine: "arithmetic", members: [{ kind: "sigmoid" }] } as const;

  test("softTargets compares its classes one by one", async () => {
    const own = independent(teacher);
    const model = async (source: Teacher, distillation: DistillationSpec) => {
      const { value } = await finish(runJob(await tinyJob(source, { distillation }), { runtime }));
      return writeModel(value.model);
    };
    expect(await model(own, {})).toEqual(await model(own, { loss: "sigmoidTargets" }));
    expect(await model(own, {})).not.toEqual(await model(teacher, {}));
  });

  test.each(names.filter((name) => name !== "softTargets" && name !== "sigmoidTargets"))(
    "%s is refused before any work",
    async (loss) => {
      const { code, message } = await failure(runWith({ loss }, independent(teacher)));
      expect(code).toBe("config/conflict");
      expect(message).toContain("Use softTargets");
    },
  );

  test("sigmoidTargets is refused for probabilities of one distribution", () => {
    const of = (kind: "log-probabilities" | "logits") =>
      namedLoss({ loss: "sigmoidTargets" }, { ...alone, members: [{ kind }] });
    expect(() => of("log-probabilities")).toThrow(/needs a logit for each class on its own/);
    expect(of("logits").needsLabels).toBe(false);
  });

  test("an ensemble's arithmetic mean is that of its sigmoids", async () => {
    const members = [teacher, await randomTeacher(runtime, 8)].map(independent);
    const ensemble = ensembleTeacher(members);
    const parts = [
      await teacherLogits(members[0]!, data.test),
      await teacherLogits(members[1]!, data.test),
    ];
    const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
    const together = await teacherLogits(ensemble, data.test);
    for (const [at, z] of together.entries())
      expect(sigmoid(z)).toBeCloseTo((sigmoid(parts[0]![at]!) + sigmoid(parts[1]![at]!)) / 2, 6); // float32 logits
    const { events } = await runWith({}, ensemble);
    expect(checksOf(events)).toMatchObject({ J5: true, J6: true, J7: true });
  });
});

describe("J7 for losses without a closed form", () => {
  const dkd = (scaleByTemperatureSquared: boolean): LogitLoss =>
    namedLoss(
      { loss: "dkd", scaleByTemperatureSquared },
      { combine: "arithmetic", members: [{ kind: "logits" }] },
    ).loss;

  test("T² whole, and left out on purpose", async () => {
    const losses = { whole: dkd(true), plain: dkd(false) };
    expect((await checkScaleRatio(runtime, losses, true)).detail).toContain("carry T²");
    expect((await checkScaleRatio(runtime, losses, false)).detail).toContain("on purpose");
  });

  test.each<[string, LogitLoss]>([
    ["missing", dkd(false)],
    ["half applied", (s, t, context) => mul(dkd(false)(s, t, context), context.temperature)],
  ])("%s", async (_, whole) => {
    const { code } = await failure(checkScaleRatio(runtime, { whole, plain: dkd(false) }, true));
    expect(code).toBe("check/J7");
  });
});
