/**
 * @file The self-checks of a run that need its teacher, its soft labels or its loss: J1 and J3 to
 * J7.
 */

import { seenByTeacher } from "../data/index.ts";
import { parameterCount } from "../engine/nn/index.ts";
import { schedule } from "../engine/optim/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { adversarialWeight } from "./adversarial.ts";
import { featureWeight } from "./features/feature-terms.ts";
import { describeModel, type Job, prepareJob, type SoftSource } from "./job.ts";
import { namedLoss } from "./named-loss.ts";
import { softObjective } from "./objective.ts";
import type { DistillOptions, SelfCheck, TrainedTeacher } from "./options.ts";
import { flagged, passed } from "./self-checks/check.ts";
import { checkGradient } from "./self-checks/gradient.ts";
import { checkRoles } from "./self-checks/roles.ts";
import { checkOrder, type OrderCheck } from "./self-checks/soft-label-order.ts";
import { checkSoftWeight, firstWeighted } from "./self-checks/soft-weight.ts";
import { checkLogits, noteDeterminism } from "./self-checks/teacher.ts";
import { checkScaleRatio, checkTemperatureScale } from "./self-checks/temperature-scale.ts";
import { firstWeighedStep } from "./self-checks/weighed-step.ts";
import { networkOf } from "./training/model-file.ts";
import { defaults } from "./training-spec.ts";

/**
 * J1, before any work. Of a teacher of some classes: the student with as many outputs.
 *
 * @throws RunError "check/J1"
 */
export function checkSizes(options: DistillOptions): SelfCheck {
  const { student: network, data, allowLargerStudent = false, teacherClasses } = options;
  const { classNames } = data.train;
  const train = { ...data.train, classNames: teacherClasses ?? classNames };
  const student = networkOf(describeModel({ network, train }));
  return checkRoles(parameterCount(student), teacherSize(options), allowLargerStudent);
}

/** @returns the teacher's parameters, all members'; null if they cannot be known */
export function teacherSize({
  teacher,
  data,
  teacherClasses: classNames = data.train.classNames,
}: Pick<DistillOptions, "teacher" | "data" | "teacherClasses">): number | null {
  const train = { ...seenByTeacher(data.train), classNames };
  const trained = ({ network, members = 1 }: TrainedTeacher): number =>
    members * parameterCount(networkOf(describeModel({ network, train })));
  switch (teacher.kind) {
    case "softLabels":
      return null;
    case "given":
      return teacher.teacher.parameters;
    case "train":
      return trained(teacher.teacher);
    case "ensemble":
      return teacher.members.reduce<number | null>((sum, member) => {
        const own = teacherSize({ teacher: member, data, teacherClasses: classNames });
        return sum === null || own === null ? null : sum + own;
      }, 0);
    case "specialists":
      return teacher.generalist.kind === "train"
        ? trained(teacher.generalist.teacher)
        : parameterCount(networkOf(teacher.generalist.model));
  }
}

/** J3, J5 and J6, once the soft labels are there. @throws RunError "check/J5", "check/J6" */
export async function* checkSoftLabels(stored: OrderCheck): AsyncGenerator<SelfCheck, void> {
  yield noteDeterminism(stored.teacher);
  yield checkLogits(stored.softLabels);
  yield await checkOrder(stored);
}

/**
 * J4 and J7, on the loss and the step of a distilled student. @throws RunError "check/J4",
 * "check/J7"
 */
export async function* checkLoss(runtime: Runtime, job: Job): AsyncGenerator<SelfCheck, void> {
  const { training, train: dataset } = job;
  const soft = job.soft!; // it is distilled
  const { batchSize = defaults.batchSize, accumulate = 1 } = training;
  const prepared = prepareJob(job);
  const { objective } = softObjective({ ...soft, dataset, batchSize: batchSize / accumulate });
  const { preprocessing } = dataset;
  const { feed } = prepared;
  const totalSteps = training.epochs * feed.stepsPerEpoch;
  const from = firstWeighted(schedule(soft.spec.softWeight ?? defaults.softWeight), totalSteps);
  const weighed = await firstWeighedStep(feed, from ?? 0); // a teacher that is live is asked once
  const gradient = { runtime, prepared, weighed, objective, preprocessing, seed: 0 };
  const reach = await checkGradient(gradient);
  const weight =
    from === undefined
      ? withoutSoftTerm(job, totalSteps)
      : await checkSoftWeight(runtime, job, prepared, weighed);
  yield { ...weight, detail: `${reach.detail}; ${weight.detail}` };
  yield await checkScale(runtime, soft);
}

/** Terms whose weight is 0 throughout teach nothing either. */
function withoutSoftTerm({ features, soft }: Job, totalSteps: number): SelfCheck {
  const zero = "the soft weight is 0 throughout";
  const isEver = (weight: ReturnType<typeof schedule>): boolean =>
    firstWeighted(weight, totalSteps) !== undefined;
  const { adversarial } = soft!.spec; // it is distilled
  const learned = [
    ...(features?.specs.map(featureWeight).some(isEver) ? ["its features"] : []),
    ...(adversarial && isEver(adversarialWeight(adversarial)) ? ["what its logits are like"] : []),
  ];
  return learned.length === 0
    ? flagged("J4", `${zero}: nothing is distilled`)
    : passed("J4", `${zero}: learned of the teacher: ${learned.join(", ")}`);
}

/** J7, for losses of ours. @throws RunError "check/J7" */
async function checkScale(runtime: Runtime, soft: SoftSource): Promise<SelfCheck> {
  const none = passed("J7", "this loss is not multiplied by T² as a whole");
  if (soft.loss !== undefined) return none;
  const { loss, otherScale, isSoftTargets, scaled } = namedLoss(
    soft.spec,
    soft.softLabels.manifest,
  );
  if (otherScale === null) return none;
  if (isSoftTargets) return checkTemperatureScale(runtime, loss, scaled);
  const [whole, plain] = scaled ? [loss, otherScale] : [otherScale, loss];
  return checkScaleRatio(runtime, { whole, plain }, scaled);
}
