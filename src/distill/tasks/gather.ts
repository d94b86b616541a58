/** @file What a comparison gives back, read from the results of its tasks. */

import {
  effectiveLogits,
  knownSamples,
  type SoftLabels,
  teacherColumns,
} from "../../data/index.ts";
import { describeArm, peakOf, withLearningRate } from "../arms.ts";
import { distinctSamples } from "../data-free/generate-samples.ts";
import type { JobResult } from "../job.ts";
import { accuracy, klToTeacher, selectScores } from "../metrics/index.ts";
import type {
  ArmResult,
  ConvergenceRun,
  DistillResult,
  PrecisionRow,
  SelfCheck,
} from "../options.ts";
import type { SearchResult } from "../search/search-student.ts";
import { noteExport } from "../self-checks/export.ts";
import { givenStartHash } from "../student-start.ts";
import type { Model } from "../training/model-file.ts";
import type { TransferResult, TransferRow, TransferSystem } from "../transfer.ts";
import { readChecks } from "./checks.ts";
import { type ChoiceFile, choiceName, type RankingFile, rankingName } from "./choice.ts";
import { readBias, readExport } from "./finish.ts";
import { labellingName, madeSamples, openedPackage } from "./labels.ts";
import { readMeasured, readMeasuredTeacher, readRecognition } from "./measurement.ts";
import { modelIn } from "./open-teachers.ts";
import type { PlannedDistillation } from "./plan-distillation.ts";
import type { StudentIds } from "./plan-measurements.ts";
import { readJson } from "./result-files.ts";
import type { ResultStore } from "./result-store.ts";
import { trainedResult } from "./training.ts";

/** What a seed of the run stands for. */
const seedVaries =
  "A seed changes the student's initial weights, the order of its batches and its dropout; all arms share them. The teacher is one and the same.";

/** The same where the students start from a model. */
const startedSeedVaries = (arms: readonly string[]): string =>
  `Students ${arms.length === 1 ? "start" : "of all arms start"} from an earlier model's weights${arms.includes("scratch") ? ", so that scratch is fine-tuning by hard labels alone" : ""}. A seed changes the first weights of classes that this model has not, the order of the student's batches and its dropout; all arms share them. The teacher is one and the same.`;

/** @param unchanged J2, which whoever had the teacher open has found */
export async function gatherResult(
  planned: PlannedDistillation,
  results: ResultStore,
  unchanged: SelfCheck,
): Promise<DistillResult> {
  const { ids, run, options } = planned;
  const student = await readExport(results.open(ids.exported));
  const teacher =
    ids.teacherMeasured === null
      ? null
      : await readMeasuredTeacher(results.open(ids.teacherMeasured));
  const softLabels = await packageOf(planned, results);
  const arms = await gatherArms(planned, results);
  const recognition =
    ids.recognition === null ? null : await readRecognition(results.open(ids.recognition));
  return {
    train: await trainOf(planned, results),
    teacher: teacher?.teacher ?? null,
    teacherModels: await teacherModels(planned, results),
    teacherTestLogits: teacher?.testLogits ?? null,
    teacherParts: teacher?.parts ?? null,
    teacherLatencyMs: teacher?.latencyMs ?? null,
    arms,
    ...{ softLabels, manifest: softLabels.manifest },
    labellingSeconds: await labellingSeconds(planned, results),
    seeds: run.seeds,
    startHash: givenStartHash(options),
    seedVaries: options.start === undefined ? seedVaries : startedSeedVaries(run.arms),
    convergence: await gatherConvergence(planned, results),
    precisions: await gatherPrecisions(planned, results, teacher?.testLogits ?? null),
    transfer: await gatherTransfer(planned, results),
    recognition,
    search: await gatherSearch(planned, results),
    student,
    checks: [
      ...planned.checks,
      ...(await readChecks(results.open(ids.checks))),
      ...[unchanged, noteExport(student.bytes.length, student.maxDifference)],
    ],
  };
}

async function gatherArms(
  { ids, students }: PlannedDistillation,
  results: ResultStore,
): Promise<ArmResult[]> {
  const gathered: ArmResult[] = [];
  for (const [arm, { choice, runs }] of ids.arms) {
    const { trials, chosen } =
      choice === null
        ? { trials: [], chosen: -1 }
        : await readJson<ChoiceFile>(results.open(choice), choiceName);
    const own = [];
    for (const { seed, corrected, measured } of runs) {
      const job = await trainedResult(results.open(corrected), `${arm}/seed-${seed}`);
      const { testLogits, latencyMs } = await readMeasured(results.open(measured));
      own.push({ seed, job, testLogits, latencyMs: latencyMs! }); // of arms it is asked for
    }
    const description = describeArm(arm, { ...students, isLive: students.teacher !== null });
    gathered.push({ arm, description, trials, chosen, runs: own });
  }
  return gathered;
}

async function packageOf(
  { students: { labels }, inputs }: PlannedDistillation,
  results: ResultStore,
): Promise<SoftLabels> {
  return "package" in labels ? inputs.get(labels.package) : openedPackage(results.open(labels.id));
}

/** What the distilled student learned from. */
async function trainOf(
  { options, students }: PlannedDistillation,
  results: ResultStore,
): Promise<DistillResult["train"]> {
  const { train } = options.data;
  const [made] = students.sampleNeeds.samples ?? [];
  return made === undefined ? train : madeSamples(results.open(made), train, train.name);
}

/** The networks that were trained to be the teacher; specialists without a set are none. */
async function teacherModels(
  { ids }: PlannedDistillation,
  results: ResultStore,
): Promise<{ name: string; model: Model }[]> {
  const models = [];
  for (const [name, id] of ids.teachers) {
    const model = await modelIn(results.open(id));
    if (model !== undefined) models.push({ name, model });
  }
  return models;
}

async function labellingSeconds(
  { ids }: PlannedDistillation,
  results: ResultStore,
): Promise<number> {
  if (ids.labels === null) return 0;
  return (await readJson<{ seconds: number }>(results.open(ids.labels), labellingName)).seconds;
}

async function gatherConvergence(
  { ids }: PlannedDistillation,
  results: ResultStore,
): Promise<ConvergenceRun[]> {
  const runs: ConvergenceRun[] = [];
  for (const { arm, seed, student, rate } of ids.convergence) {
    const job = await trainedResult(results.open(student), `convergence/${arm}/seed-${seed}`);
    const own = rate.rate && (await readJson<ChoiceFile>(results.open(rate.rate), choiceName));
    const schedule = own
      ? withLearningRate(rate.learningRate, own.trials[own.chosen]!.learningRate) // one of them
      : rate.learningRate;
    runs.push({ arm, seed, learningRate: peakOf(schedule), job });
  }
  return runs;
}

/** What storing soft labels as float32, float16 or 8 bits costs. */
async function gatherPrecisions(
  { ids, options }: PlannedDistillation,
  results: ResultStore,
  taught: Float32Array | null,
): Promise<PrecisionRow[]> {
  if (ids.precisions.length === 0 || taught === null) return [];
  const { test } = options.data;
  const packages = [];
  for (const { labels } of ids.precisions) packages.push(await openedPackage(results.open(labels)));
  const exact = softDistributions(packages[0]!); // float32 is the first
  const { manifest } = packages[0]!;
  const classes = teacherColumns(manifest);
  const samples = knownSamples(test.labels, manifest);
  const isSigmoid = manifest.members[0]?.kind === "sigmoid"; // members do not mix it with others
  const all = selectScores(taught, manifest.classCount, { samples });
  const rows: PrecisionRow[] = [];
  for (const [at, { precision, measured }] of ids.precisions.entries()) {
    const softLabels = packages[at]!; // one each
    const { testLogits } = await readMeasured(results.open(measured));
    const own = selectScores(testLogits, test.classNames.length, { samples, classes });
    rows.push({
      precision,
      bytes: softLabels.manifest.shards.reduce((total, { bytes }) => total + bytes, 0),
      studentAccuracy: accuracy(testLogits, test.labels),
      studentKlNats: klToTeacher(own, all, samples?.length ?? test.length, { isSigmoid }),
      klNats: klToTeacher(softDistributions(softLabels), exact, softLabels.length, { isSigmoid }),
    });
  }
  return rows;
}

/** @returns float32 [samples, classes]: the package's combined logits of view 0 */
function softDistributions(softLabels: SoftLabels): Float32Array {
  const { members, classCount } = softLabels.manifest;
  const all = new Float32Array(softLabels.length * classCount);
  const row = new Float32Array(members.length * classCount);
  for (let index = 0; index < softLabels.length; index++)
    all.set(
      effectiveLogits(softLabels.logits(index, 0, row), softLabels.manifest),
      index * classCount,
    );
  return all;
}

async function gatherTransfer(
  planned: PlannedDistillation,
  results: ResultStore,
): Promise<TransferResult | null> {
  const { options, ids } = planned;
  const { transfer } = options;
  if (transfer === undefined) return null;
  const rows: TransferRow[] = [];
  const add = async (
    system: TransferSystem,
    runs: readonly StudentIds[],
    of: (ids: StudentIds) => { readonly job: string; readonly measured: string },
  ): Promise<void> => {
    const own: TransferRow["runs"][number][] = [];
    for (const each of runs) {
      const { job, measured } = of(each);
      const { testLogits, trainAccuracy } = await readMeasured(results.open(measured));
      const bias = job === each.student ? null : await readBias(results.open(job));
      const trained: JobResult = await trainedResult(
        results.open(job),
        `${system}/seed-${each.seed}`,
      );
      own.push({ seed: each.seed, job: trained, testLogits, trainAccuracy, bias });
    }
    rows.push({ system, runs: own });
  };
  const before = ({ student, measuredBefore }: StudentIds) => ({
    job: student,
    measured: measuredBefore,
  });
  const after = ({ corrected, measured }: StudentIds) => ({ job: corrected, measured });
  if (ids.whole.length > 0) await add("whole", ids.whole, after);
  for (const arm of ["scratch", "distilled"] as const) {
    const { runs = [] } = ids.arms.get(arm) ?? {};
    if (runs.length > 0) await add(arm, runs, before);
    if (runs.some(({ student, corrected }) => student !== corrected)) await add(arm, runs, after);
  }
  if (transfer.generated === undefined) return { options: transfer, rows };
  return { options: transfer, rows, distinct: distinctSamples(await trainOf(planned, results)) };
}

async function gatherSearch(
  { ids, run, options }: PlannedDistillation,
  results: ResultStore,
): Promise<SearchResult | null> {
  const { search } = options;
  if (ids.ranking === null || run.search === undefined || search === undefined) return null;
  const { ranked, chosen } = await readJson<RankingFile>(results.open(ids.ranking), rankingName);
  const { candidates, rungs, tooLarge } = run.search;
  const { minAccuracy = null, maxMilliseconds = null, budget } = search;
  const trials = ranked.map(({ index, rung, epochs, validationAccuracy }) => ({
    ...candidates[index]!, // of the same search
    ...{ rung, epochs, validationAccuracy },
  }));
  return { budget, minAccuracy, maxMilliseconds, rungs, tooLarge, trials, chosen };
}
