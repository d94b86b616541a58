/**
 * @file The distillation run: teacher, soft labels, checks, tuning, the arms over seeds,
 * measurements, test, export.
 */

import { knownSamples, teacherColumns } from "../data/index.ts";
import { type ArmSources, armJob } from "./arms.ts";
import { measureConvergence } from "./convergence.ts";
import type { CheckEvent, DistillEvent } from "./events.ts";
import { bestRun, exportStudent, teacherLatency, testArms } from "./final-stage.ts";
import { describeModel, type JobResult } from "./job.ts";
import { teacherLogits } from "./member-logits.ts";
import { accuracy, klToTeacher, selectScores } from "./metrics/index.ts";
import { modelLogits } from "./model-logits.ts";
import type { ArmName, DistillOptions, DistillResult, PrecisionRow, SelfCheck } from "./options.ts";
import { packageViews } from "./package-job.ts";
import { measurePrecisions, type TestedStudent } from "./precision.ts";
import { measureRecognition } from "./recognition/index.ts";
import { checkLoss, checkSizes, checkSoftLabels } from "./run-checks.ts";
import { makeRunJobs, type RunJobs } from "./run-jobs.ts";
import { planRun, type RunPlan } from "./run-plan.ts";
import { assertTrainings } from "./run-trainings.ts";
import { type SearchResult, searchStudent } from "./search/search-student.ts";
import { namedFailure } from "./self-checks/check.ts";
import { noteExport } from "./self-checks/export.ts";
import { checkSeeds } from "./self-checks/roles.ts";
import { checkUnchanged } from "./self-checks/teacher.ts";
import { givenStartHash } from "./student-start.ts";
import { testTeacher } from "./teacher-parts.ts";
import { type TeacherStage, teacherStage } from "./teacher-stage.ts";
import { assertTokenIds } from "./token-ids.ts";
import { networkOf } from "./training/model-file.ts";
import { measureTransfer, type TransferStudents, transferStudents } from "./transfer.ts";
import { type Tuned, tuneArm } from "./tuning.ts";

/** What a seed of the run stands for. */
const seedVaries =
  "A seed changes the student's initial weights, the order of its batches and its dropout; all arms share them. The teacher is one and the same.";

/** The same where the students start from a model. */
const startedSeedVaries = (arms: readonly ArmName[]): string =>
  `Students ${arms.length === 1 ? "start" : "of all arms start"} from an earlier model's weights${arms.includes("scratch") ? ", so that scratch is fine-tuning by hard labels alone" : ""}. A seed changes the first weights of classes that this model has not, the order of the student's batches and its dropout; all arms share them. The teacher is one and the same.`;

/**
 * Distils a student from a teacher, and the same student without distillation beside it.
 *
 * Settings are chosen on the validation split; the test split is looked at once, at the end. A
 * teacher that was given stays open.
 *
 * @returns an async generator of typed events; its return value is the result
 * @throws before work starts: whatever data, networks and options refuse; later: RunError
 *   "check/J…", "run/…"
 */
export async function* runDistillation(
  given: DistillOptions,
): AsyncGenerator<DistillEvent, DistillResult> {
  const plan = planRun(given);
  const [largest = given.student, ...smaller] = (plan.search?.candidates ?? []).map(
    ({ spec }) => spec,
  );
  const options = { ...given, student: largest, teacherClasses: plan.teacherClasses };
  assertTrainings(options, plan.seeds, smaller);
  const { train, validation, test } = options.data;
  const { vocabulary } = networkOf(describeModel({ network: options.student, train }));
  for (const part of [train, validation, test]) await assertTokenIds(part, vocabulary);
  const jobs = makeRunJobs(options, plan.jobs);
  const checks: SelfCheck[] = [];
  const note = (check: SelfCheck): CheckEvent => {
    checks.push(check);
    return { type: "check", check };
  };
  yield note(checkSeeds(plan.seeds));
  yield note(checkSizes(options));
  const stage = yield* underCheckNames(teacherStage(options, jobs, [largest, ...smaller]));
  try {
    const ready = { ...options, data: { ...options.data, train: stage.train } };
    for await (const check of checkSoftLabels(ready, stage)) yield note(check);
    const unsettled = armSources(ready, stage);
    for await (const check of checkLoss(unsettled)) yield note(check);
    const { search, sources } = yield* settled(unsettled, jobs, plan);
    const students = yield* trainStudents(sources, jobs, plan, stage);
    yield note(checkUnchanged(stage.teacher));
    const result = yield* finalStage(sources, stage, plan, students);
    yield note(noteExport(result.student.bytes.length, result.student.maxDifference));
    return { ...result, checks, search };
  } finally {
    await stage.close();
  }
}

/** Failures of the stage get the names of the checks that they belong to. */
async function* underCheckNames<T>(
  stage: AsyncGenerator<DistillEvent, T>,
): AsyncGenerator<DistillEvent, T> {
  try {
    return yield* stage;
  } catch (cause) {
    throw namedFailure(cause);
  }
}

function armSources(options: DistillOptions, stage: TeacherStage): ArmSources {
  const { softLabels, rows, teacher, features } = stage;
  const { distillation = {}, loss, start } = options;
  const live = distillation.live === true && teacher !== null ? teacher : undefined;
  const soft = {
    softLabels,
    rows,
    spec: distillation,
    loss,
    views: packageViews(softLabels),
    live,
  };
  const { features: specs = [] } = distillation;
  return {
    ...{ options, soft, teacherAugmentation: stage.augmentation },
    start: start === "teacher" ? stage.model : start,
    features: features && { specs, open: features },
  };
}

/** Looks for the student, if the run was asked to. @returns the sources with the one to train */
async function* settled(
  sources: ArmSources,
  jobs: RunJobs,
  plan: RunPlan,
): AsyncGenerator<DistillEvent, { readonly search: SearchResult | null; sources: ArmSources }> {
  const { search } = sources.options;
  if (search === undefined || plan.search === undefined) return { search: null, sources };
  const found = yield* searchStudent(search, plan.search, sources, jobs);
  const { spec } = found.trials[found.chosen]!; // the choice is one of them
  const options = { ...sources.options, student: spec };
  return { search: found, sources: { ...sources, options } };
}

/** Everything that was trained for the comparison. */
interface Students {
  readonly tuned: ReadonlyMap<ArmName, Tuned>;
  /** in the order of the seeds */
  readonly trained: ReadonlyMap<ArmName, readonly JobResult[]>;
  readonly transfer: TransferStudents;
  readonly convergence: DistillResult["convergence"];
  readonly precisions: readonly PrecisionRow[];
}

async function* trainStudents(
  sources: ArmSources,
  jobs: RunJobs,
  { arms, seeds }: RunPlan,
  { teacher }: TeacherStage,
): AsyncGenerator<DistillEvent, Students> {
  const { options } = sources;
  const tuned = new Map<ArmName, Tuned>();
  const asTrained = new Map<ArmName, JobResult[]>(arms.map((arm) => [arm, []]));
  for (const arm of arms)
    tuned.set(
      arm,
      yield* tuneArm(arm, sources, jobs, options.tuning?.learningRates ?? [], "tuning"),
    );
  for (const seed of seeds)
    for (const arm of arms) {
      const { learningRate } = tuned.get(arm)!; // set above, as the arm's list
      const job = armJob(arm, `${arm}/seed-${seed}`, sources, { seed, learningRate });
      asTrained.get(arm)!.push(yield* jobs.run(job));
    }
  const shown = { tuned, trained: asTrained };
  const transfer = yield* transferStudents(sources, jobs, seeds, shown);
  const trained = transfer.corrected;
  const convergence = yield* measureConvergence(sources, jobs, seeds);
  if (options.precisions !== true || teacher === null)
    return { tuned, trained, transfer, convergence, precisions: [] };
  const setting = { tuned: tuned.get("distilled")!, seed: seeds[0]! }; // planRun has seen to both
  const { test } = options.data;
  const { manifest } = sources.soft.softLabels;
  const classes = teacherColumns(manifest);
  const samples = knownSamples(test.labels, manifest);
  const logits = await teacherLogits(teacher, test);
  const taught = selectScores(logits, manifest.classCount, { samples });
  const isSigmoid = teacher.members[0]?.kind === "sigmoid"; // members do not mix it with others
  const tested = async ({ model }: JobResult): Promise<TestedStudent> => {
    const logits = await modelLogits(options.runtime, model, test);
    const own = selectScores(logits, test.classNames.length, { samples, classes });
    const klNats = klToTeacher(own, taught, samples?.length ?? test.length, { isSigmoid });
    return { accuracy: accuracy(logits, test.labels), klNats };
  };
  const precisions = yield* measurePrecisions(sources, jobs, teacher, setting, tested);
  return { tuned, trained, transfer, convergence, precisions };
}

async function* finalStage(
  sources: ArmSources,
  stage: TeacherStage,
  { seeds, arms: named }: RunPlan,
  { tuned, trained, transfer, convergence, precisions }: Students,
): AsyncGenerator<DistillEvent, Omit<DistillResult, "checks" | "search">> {
  const { options } = sources;
  const { runtime, data } = options;
  const { whole: teacher, softLabels, labellingSeconds } = stage;
  const arms = await testArms(sources, seeds, tuned, trained);
  const tested = teacher && (await testTeacher(teacher, data.test));
  const recognition = yield* measureRecognition(options, teacher, tested, arms);
  const shipped = arms.find(({ arm }) => arm === "distilled") ?? arms[0]!; // at least one arm
  const student = await exportStudent(runtime, bestRun(shipped.runs), data.validation);
  return {
    train: data.train,
    teacher,
    teacherTestLogits: tested?.testLogits ?? null,
    teacherParts: tested?.parts ?? null,
    teacherLatencyMs: await teacherLatency(teacher),
    arms,
    softLabels,
    manifest: softLabels.manifest,
    labellingSeconds,
    seeds,
    startHash: givenStartHash(options),
    seedVaries: options.start === undefined ? seedVaries : startedSeedVaries(named),
    convergence,
    precisions,
    transfer: await measureTransfer(options, seeds, transfer),
    recognition,
    student,
  };
}
