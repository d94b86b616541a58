/**
 * @file A comparison as a plan: teacher, soft labels, checks, search, tuning, students of all arms
 * and seeds, and what is measured of them. Nothing is trained while it is made.
 */

import { assertPairs } from "../features/assert-features.ts";
import { teacherLayers } from "../features/feature-terms.ts";
import { openFeatures } from "../features/open-features.ts";
import { describeModel } from "../job.ts";
import type { ArmName, DistillOptions, SelfCheck } from "../options.ts";
import { packageViews } from "../package-job.ts";
import { checkSizes } from "../run-checks.ts";
import { planRun, type RunPlan } from "../run-plan.ts";
import { assertTrainings, ownLossText } from "../run-trainings.ts";
import { checkSeeds } from "../self-checks/roles.ts";
import { assertTokenIds } from "../token-ids.ts";
import { networkOf } from "../training/model-file.ts";
import { defaults } from "../training-spec.ts";
import { isTransferred, wholeEpochsOf } from "../transfer.ts";
import { checksKind } from "./checks.ts";
import { correctionKind } from "./finish.ts";
import { TaskInputs } from "./inputs.ts";
import { addTask } from "./kind.ts";
import { buildPlan, type Plan } from "./plan.ts";
import {
  type ComparisonIds,
  planMeasurements,
  precisions,
  type StudentIds,
} from "./plan-measurements.ts";
import {
  type PlannedRate,
  type PlannedStudents,
  planRankings,
  planRate,
  studentTask,
} from "./plan-students.ts";
import { type PlannedTeacher, type Planning, planLabels, planTeacher } from "./plan-teacher.ts";
import { askedAtOnce, studentKind } from "./training.ts";

/** A comparison that can be executed. */
export interface PlannedDistillation {
  readonly plan: Plan;
  readonly inputs: TaskInputs;
  readonly ids: ComparisonIds;
  readonly run: RunPlan;
  /** with the largest candidate as the student of a search */
  readonly options: DistillOptions;
  readonly students: PlannedStudents;
  /** J1, and how many seeds there are */
  readonly checks: readonly SelfCheck[];
}

/**
 * @throws whatever data, networks and options refuse: nothing has been trained or labelled then;
 *   RunError "check/J1"
 */
export async function planDistillation(given: DistillOptions): Promise<PlannedDistillation> {
  const run = planRun(given);
  const [largest = given.student, ...smaller] = (run.search?.candidates ?? []).map(
    ({ spec }) => spec,
  );
  const options = { ...given, student: largest, teacherClasses: run.teacherClasses };
  assertTrainings(options, smaller);
  await assertTokens(options);
  const checks = [checkSeeds(run.seeds), checkSizes(options)];
  await assertGivenFeatures(options, [largest, ...smaller]);
  const { name, version } = options.runtime;
  const planning: Planning = {
    ...{ builder: buildPlan(), inputs: new TaskInputs(), options },
    runtime: `${name} ${version}`,
  };
  const { students, teacher, ids } = planSources(options, planning);
  const ranked = planSearched(students, run);
  const own = ranked === null ? students : { ...students, network: { ranking: ranked } };
  const compared = planComparison(own, run, teacher);
  const all = { ...ids, ...compared, ranking: ranked };
  const plan = planning.builder.plan(wantedOf(all));
  return { plan, inputs: planning.inputs, ids: all, run, options, students: own, checks };
}

async function assertTokens({ student, data }: DistillOptions): Promise<void> {
  const { train, validation, test } = data;
  const { vocabulary } = networkOf(describeModel({ network: student, train }));
  for (const part of [train, validation, test]) await assertTokenIds(part, vocabulary);
}

/** A teacher that is there says what its layers give, before anything is labelled. */
async function assertGivenFeatures(
  options: DistillOptions,
  students: Parameters<typeof assertPairs>[1],
): Promise<void> {
  const { teacher: source, distillation, training } = options;
  const layers = teacherLayers(distillation?.features ?? []);
  if (source.kind !== "given" || layers.length === 0) return;
  const { batchSize = defaults.batchSize } = training;
  const features = await openFeatures(source.teacher, layers, Math.min(batchSize, askedAtOnce));
  try {
    assertPairs(options, students, features.shapes);
  } finally {
    await features.close();
  }
}

/** Teacher, soft labels and their checks. */
function planSources(options: DistillOptions, planning: Planning) {
  const { inputs, builder } = planning;
  const { teacher: source, data, loss } = options;
  const text = ownLossText(options);
  const shared = {
    ...{ ...planning, options, network: options.student },
    loss: loss && text !== undefined ? inputs.loss(loss, text) : undefined,
  };
  if (source.kind === "softLabels") {
    const students: PlannedStudents = {
      ...{ ...shared, samples: { data: inputs.dataset(data.train) }, sampleNeeds: {} },
      labels: { package: inputs.package(source.softLabels) },
      ...{ teacher: null, teacherId: undefined },
      teacherAugmentation: packageViews(source.softLabels)?.augmentation,
    };
    const checks = planChecks(students, null);
    return { students, teacher: null, ids: { teachers: new Map(), labels: null, checks } };
  }
  const teacher = planTeacher(source, planning);
  const labels = planLabels(teacher, data.train, options.labels ?? {}, planning);
  const asked = { spec: labels.asked, needs: teacher.needs };
  const trained = source.kind === "train" ? source.teacher.training.augmentation : undefined;
  const isOfSamples = data.train.teacherInputs === undefined; // else nothing that a student could share
  const students: PlannedStudents = {
    ...{ ...shared, samples: labels.samples, sampleNeeds: labels.needs, teacher: asked },
    labels: { id: labels.id },
    teacherId: teacher.trained.get("teacher"),
    teacherAugmentation: isOfSamples ? (trained ?? options.labels?.augmentation) : undefined,
  };
  const checks = planChecks(students, asked);
  return { students, teacher, ids: { teachers: teacher.trained, labels: labels.id, checks } };

  function planChecks(of: PlannedStudents, who: PlannedStudents["teacher"]): string {
    const { spec, needs } = studentTask("distilled", { seed: 0, training: options.training }, of);
    return addTask(builder, checksKind, "checks", {
      spec: { ...spec, ...(who && { asked: who.spec }) },
      needs: { ...needs, ...(who?.needs ?? {}) },
    });
  }
}

function planSearched(students: PlannedStudents, { search }: RunPlan): string | null {
  const { search: asked } = students.options;
  return asked === undefined || search === undefined ? null : planRankings(asked, search, students);
}

/** Students of all arms and what is measured of them; the test split comes last. */
function planComparison(
  students: PlannedStudents,
  { arms, seeds }: RunPlan,
  teacher: PlannedTeacher | null,
) {
  const { options } = students;
  const { learningRate: base = defaults.learningRate } = options.training;
  const rates = options.tuning?.learningRates ?? [];
  const tuned = new Map(
    arms.map((arm) => [arm, planRate(arm, rates, base, "tuning", students)] as const),
  );
  const trained = new Map<ArmName, { seed: number; student: string }[]>(
    arms.map((arm) => [arm, []]),
  );
  for (const seed of seeds)
    for (const arm of arms) {
      const student = planStudent(arm, `${arm}/seed-${seed}`, seed, tuned.get(arm)!, students); // set above
      trained.get(arm)!.push({ seed, student });
    }
  const whole = planWhole(students, seeds, tuned.get("scratch"));
  const corrected = new Map(
    Array.from(trained, ([arm, runs]) => [
      arm,
      runs.map((own) => ({ ...own, corrected: planCorrection(arm, own, students) })),
    ]),
  );
  const convergence = planConvergence(students, seeds);
  const precise =
    options.precisions === true && teacher !== null
      ? planPrecisions(students, teacher, { seed: seeds[0]!, rate: tuned.get("distilled")! }) // planRun has seen to both
      : [];
  return {
    ...planMeasurements(students, teacher, { corrected, whole, precise, tuned }),
    convergence,
  };
}

function planStudent(
  arm: ArmName,
  name: string,
  seed: number,
  { learningRate, rate }: PlannedRate,
  students: PlannedStudents,
  labels?: string,
): string {
  const training = { ...students.options.training, learningRate };
  const wish = { seed, training, rate, labels };
  return addTask(students.builder, studentKind, name, studentTask(arm, wish, students));
}

/** Hard labels of all samples, with the learning rate of scratch where one was tuned. */
function planWhole(
  students: PlannedStudents,
  seeds: readonly number[],
  scratch: PlannedRate | undefined,
): { seed: number; student: string }[] {
  const { options, builder } = students;
  if (!isTransferred(options)) return [];
  const { learningRate: base = defaults.learningRate } = options.training;
  const { learningRate, rate } = scratch ?? { learningRate: base };
  const training = { ...options.training, epochs: wholeEpochsOf(options), learningRate };
  return seeds.map((seed) => {
    const task = studentTask("whole", { seed, training, rate }, students);
    return { seed, student: addTask(builder, studentKind, `whole/seed-${seed}`, task) };
  });
}

function planCorrection(
  arm: ArmName,
  { seed, student }: { readonly seed: number; readonly student: string },
  { options, builder, inputs, runtime }: PlannedStudents,
): string {
  const { biasCorrection: method, withheld = [] } = options.transfer ?? {};
  if (method === undefined) return student;
  const validation = inputs.dataset(options.data.validation);
  return addTask(builder, correctionKind, `${arm}/seed-${seed}, biases`, {
    spec: { method, withheld, validation, runtime },
    needs: { student: [student] },
  });
}

/** "Converges quicker": constant learning rates, tuned for each arm, same seeds. */
function planConvergence(
  students: PlannedStudents,
  seeds: readonly number[],
): ComparisonIds["convergence"] {
  const { convergence } = students.options;
  if (convergence === undefined) return [];
  const constant = { kind: "constant", value: 0.001 } as const;
  return (["distilled", "scratch"] as const).flatMap((arm) => {
    const { learningRates } = convergence;
    const rate = planRate(arm, learningRates, constant, "convergence/tuning", students);
    return seeds.slice(0, convergence.seeds).map((seed) => ({
      ...{ arm, seed, rate },
      student: planStudent(arm, `convergence/${arm}/seed-${seed}`, seed, rate, students),
    }));
  });
}

function planPrecisions(
  students: PlannedStudents,
  teacher: PlannedTeacher,
  { seed, rate }: { readonly seed: number; readonly rate: PlannedRate },
): { precision: (typeof precisions)[number]; labels: string; student: string }[] {
  const { options } = students;
  return precisions.map((precision) => {
    const spec = { ...options.labels, precision };
    const name = `soft labels, ${precision}`;
    const { id } = planLabels(teacher, options.data.train, spec, students, name);
    const student = planStudent(
      ...(["distilled", `precision/${precision}`, seed, rate, students, id] as const),
    );
    return { precision, labels: id, student };
  });
}

/** Trials and sets are wanted by those alone who choose by them. */
function wantedOf(ids: ComparisonIds): readonly string[] {
  const ofArms = [...ids.arms.values()].flatMap(({ choice, runs }) => [
    ...(choice === null ? [] : [choice]),
    ...runs.flatMap(idsOf),
  ]);
  const single = [ids.labels, ids.ranking, ids.teacherMeasured, ids.recognition];
  return [
    ...ids.teachers.values(),
    ...single.filter((id) => id !== null),
    ...[ids.checks, ids.exported, ...ofArms],
    ...ids.whole.flatMap(idsOf),
    ...ids.convergence.flatMap(({ student, rate }) => [student, ...(rate.rate ? [rate.rate] : [])]),
    ...ids.precisions.flatMap(({ labels, measured }) => [labels, measured]),
  ];
}

function idsOf({ student, corrected, measured, measuredBefore }: StudentIds): readonly string[] {
  return [student, corrected, measured, measuredBefore];
}
