/** @file The distillation run: teacher, soft labels, checks, tuning, the arms over seeds, measurements, test, export. */

import { assertDisjoint, UNLABELLED } from "../data/index.ts";
import { DataError } from "../errors/index.ts";
import { parameterCount } from "../nn/index.ts";
import { networkOf } from "../train/index.ts";
import { type ArmSources, armJob, describeArm } from "./arms.ts";
import { convergenceJobs, measureConvergence } from "./convergence.ts";
import type { CheckEvent, DistillEvent } from "./events.ts";
import { bestRun, exportStudent, jobAccuracy, modelLogits } from "./final-stage.ts";
import { describeModel, type JobResult, prepareJob } from "./job.ts";
import { distillationLoss, softObjective } from "./objective.ts";
import {
  type ArmName,
  type ArmResult,
  armNames,
  type DistillOptions,
  type DistillResult,
  type SelfCheck,
} from "./options.ts";
import { packageViews } from "./package-job.ts";
import { measurePrecisions, precisionJobs } from "./precision.ts";
import { makeRunJobs, type RunJobs } from "./run-jobs.ts";
import { passed } from "./self-checks/check.ts";
import { checkGradient } from "./self-checks/gradient.ts";
import { checkRoles, checkSeeds } from "./self-checks/roles.ts";
import { checkOrder } from "./self-checks/soft-label-order.ts";
import { checkTemperatureScale } from "./self-checks/temperature-scale.ts";
import { type TeacherStage, teacherLogits, teacherStage } from "./teacher-stage.ts";
import { assertTeacherUnchanged } from "./teachers/index.ts";
import { defaults } from "./training-spec.ts";
import { type Tuned, tuneArm } from "./tuning.ts";

const defaultSeeds = [1, 2, 3, 4, 5] as const;

/**
 * Distils a student from a teacher, and the same student without distillation beside it.
 *
 * Settings are chosen on the validation split; the test split is looked at once, at the end.
 *
 * @returns an async generator of typed events; its return value is the result
 * @throws before work starts: whatever data, networks and options refuse; later: RunError "check/J…", "run/…"
 */
export async function* runDistillation(
  options: DistillOptions,
): AsyncGenerator<DistillEvent, DistillResult> {
  assertData(options);
  const { arms = armNames, seeds = defaultSeeds } = options;
  const jobs = makeRunJobs(options, countJobs(options, arms, seeds));
  const checks: SelfCheck[] = [];
  const note = (check: SelfCheck): CheckEvent => {
    checks.push(check);
    return { type: "check", check };
  };
  yield note(checkSeeds(seeds));
  const knownSize = teacherSize(options);
  if (knownSize !== undefined) yield note(rolesOf(options, knownSize));
  const stage = yield* teacherStage(options, jobs);
  const sources = armSources(options, stage);
  yield note(
    passed(
      "J3",
      stage.teacher === null ? "teacher not here" : "one batch asked twice gave the same bytes",
    ),
  );
  yield note(
    passed(
      "J5",
      `members give ${stage.softLabels.manifest.members.map(({ kind }) => kind).join(", ")}`,
    ),
  );
  yield note(checkOrder(options.data.train, stage.softLabels, stage.rows));
  yield* checkLoss(sources, note);
  const tuned = new Map<ArmName, Tuned>();
  for (const arm of arms)
    tuned.set(
      arm,
      yield* tuneArm(arm, sources, jobs, options.tuning?.learningRates ?? [], "tuning"),
    );
  const trained = new Map<ArmName, JobResult[]>(arms.map((arm) => [arm, []]));
  for (const seed of seeds)
    for (const arm of arms)
      trained.get(arm)!.push(yield* trainArm(arm, sources, jobs, tuned.get(arm)!, seed)); // set above
  const convergence = yield* measureConvergence(sources, jobs, seeds);
  const { runtime, data } = options;
  const precisions =
    options.precisions === true && stage.teacher !== null
      ? yield* measurePrecisions(
          sources,
          jobs,
          stage.teacher,
          { tuned: tuned.get("distilled")!, seed: seeds[0]! },
          (job) => jobAccuracy(runtime, job, data.test),
        )
      : [];
  if (stage.teacher !== null) assertTeacherUnchanged(stage.teacher);
  yield note(
    passed(
      "J2",
      stage.teacher === null
        ? "teacher not here"
        : `hash ${stage.teacher.hash.slice(0, 12)} before and after`,
    ),
  );
  const results: ArmResult[] = [];
  for (const arm of arms) {
    const runs = [];
    for (const [index, job] of trained.get(arm)!.entries())
      runs.push({
        seed: seeds[index]!,
        job,
        testLogits: await modelLogits(runtime, job.model, data.test),
      });
    const { trials, chosen } = tuned.get(arm)!;
    results.push({ arm, description: describeArm(arm, sources), trials, chosen, runs });
  }
  const teacherTestLogits = stage.teacher && (await teacherLogits(stage.teacher, data.test));
  const shipped = results.find(({ arm }) => arm === "distilled") ?? results[0]!; // at least one arm
  const student = await exportStudent(runtime, bestRun(shipped.runs), data.validation);
  yield note(
    passed(
      "J8",
      `${student.bytes.length} bytes, logits within ${student.maxDifference.toExponential(1)} of the graph's`,
    ),
  );
  await stage.teacher?.close();
  return {
    teacher: stage.teacher,
    teacherTestLogits,
    arms: results,
    softLabels: stage.softLabels,
    manifest: stage.softLabels.manifest,
    labellingSeconds: stage.labellingSeconds,
    seeds,
    seedVaries:
      "A seed changes the student's initial weights, the order of its batches and its dropout; all arms share them. The teacher is one and the same.",
    checks,
    convergence,
    precisions,
    student,
  };
}

async function* trainArm(
  arm: ArmName,
  sources: ArmSources,
  jobs: RunJobs,
  { learningRate }: Tuned,
  seed: number,
): AsyncGenerator<DistillEvent, JobResult> {
  return yield* jobs.run(armJob(arm, `${arm}/seed-${seed}`, sources, { seed, learningRate }));
}

function armSources(options: DistillOptions, stage: TeacherStage): ArmSources {
  const { softLabels, rows } = stage;
  const { distillation: spec = {}, loss } = options;
  const soft = { softLabels, rows, spec, loss, views: packageViews(softLabels) };
  return { options, soft, teacherAugmentation: stage.augmentation };
}

/** @throws DataError "data/leak", "data/unlabelled" */
function assertData({ data, arms = armNames, seeds = defaultSeeds }: DistillOptions): void {
  assertDisjoint({ train: data.train, validation: data.validation, test: data.test });
  for (const part of [data.validation, data.test])
    if (part.labels.includes(UNLABELLED))
      throw new DataError("data/unlabelled", {
        where: part.name,
        rule: "validation and test samples need labels",
        got: "samples without label",
        fix: "Keep unlabelled samples for training",
      });
  if (arms.length === 0 || seeds.length === 0)
    throw new DataError("config/range", {
      where: "distillation",
      rule: "there must be at least one arm and one seed",
      got: `${arms.length} arms, ${seeds.length} seeds`,
    });
}

/** @returns the teacher's parameters if they are known before it is trained; null if they cannot be known */
function teacherSize({ teacher, data }: DistillOptions): number | null | undefined {
  if (teacher.kind === "softLabels") return undefined;
  if (teacher.kind === "given") return teacher.teacher.parameters;
  const { network, members = 1 } = teacher.teacher;
  return members * parameterCount(networkOf(describeModel({ network, train: data.train })));
}

function rolesOf(options: DistillOptions, teacher: number | null): SelfCheck {
  const network = networkOf(describeModel({ network: options.student, train: options.data.train }));
  return checkRoles(parameterCount(network), teacher, options.allowLargerStudent ?? false);
}

/** J4 and J7, on the loss that this run uses. */
async function* checkLoss(
  sources: ArmSources,
  note: (check: SelfCheck) => CheckEvent,
): AsyncGenerator<DistillEvent, void> {
  const { options, soft } = sources;
  const learningRate = options.training.learningRate ?? defaults.learningRate;
  const job = armJob("distilled", "check", sources, { seed: 0, learningRate });
  const { network, feed } = prepareJob(job);
  const batchSize = options.training.batchSize ?? defaults.batchSize;
  const { objective } = softObjective({ ...soft, dataset: options.data.train, batchSize });
  const { runtime } = options;
  const { preprocessing } = options.data.train;
  yield note(await checkGradient({ runtime, network, objective, feed, preprocessing, seed: 0 }));
  if (options.loss === undefined && soft.spec.loss !== "logits") {
    const loss = distillationLoss(soft.spec, "arithmetic");
    const scaled = soft.spec.scaleByTemperatureSquared ?? true;
    yield note(await checkTemperatureScale(runtime, loss, scaled));
  } else yield note(passed("J7", "this loss has no T² to apply"));
}

function countJobs(
  options: DistillOptions,
  arms: readonly ArmName[],
  seeds: readonly number[],
): number {
  const { teacher, tuning } = options;
  const teachers = teacher.kind === "train" ? (teacher.teacher.members ?? 1) : 0;
  const rates = tuning?.learningRates?.length ?? 0;
  const trials = rates < 2 ? 0 : rates;
  const precisions =
    options.precisions === true && teacher.kind !== "softLabels" ? precisionJobs : 0;
  return (
    teachers + arms.length * (trials + seeds.length) + convergenceJobs({ options }) + precisions
  );
}
