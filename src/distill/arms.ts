/**
 * @file The students that are compared, as jobs: same network, initial weights, batch order and
 * number of epochs.
 */

import { type Augmentation, type Dataset, withoutLabels } from "../data/index.ts";
import type { ScheduleSpec } from "../engine/optim/index.ts";
import { discriminatorName } from "./adversarial.ts";
import { type FeatureSource, featureLossOf, layersOf } from "./features/feature-terms.ts";
import type { Job, SoftSource } from "./job.ts";
import { featureLosses } from "./losses/index.ts";
import type { ArmName, DistillOptions } from "./options.ts";
import { startWeights } from "./student-start.ts";
import type { Model } from "./training/model-file.ts";
import { defaults, type TrainingSpec } from "./training-spec.ts";

/** ε of the label-smoothing arm. */
const smoothing = 0.1;

/** What the arms are made from. */
export interface ArmSources {
  readonly options: DistillOptions;
  readonly soft: SoftSource;
  /** the teacher's inner layers, where they are learned too */
  readonly features?: FeatureSource | undefined;
  /**
   * what the teacher saw in training, for the arm that gets it too; undefined if it is not known
   */
  readonly teacherAugmentation: Augmentation | undefined;
  /** what students start from instead of drawn weights */
  readonly start?: Model | undefined;
}

/** One sentence per arm, for reports. */
export function describeArm(
  arm: ArmName,
  { options, soft, teacherAugmentation, start }: ArmSources,
): string {
  const isTaught = options.transfer?.labels === "none";
  const {
    temperature = defaults.temperature,
    softWeight = defaults.softWeight,
    hardWeight = defaults.hardWeight,
  } = soft.spec;
  const sentences: Readonly<Record<ArmName, string>> = {
    distilled: `Soft labels at T = ${say(temperature)}, ${isTaught ? `weight ${say(softWeight)}, no hard labels` : `weights ${say(softWeight)} soft and ${say(hardWeight)} hard`}.${soft.live === undefined ? "" : " The teacher was asked at every step."}${describeFeatures(soft)}${describeAdversarial(soft)}`,
    scratch: "Hard labels alone.",
    scratchAugmented:
      teacherAugmentation === undefined
        ? "Hard labels alone; the teacher used no augmentation that could be shared."
        : `Hard labels with the teacher's augmentation ${JSON.stringify(teacherAugmentation)}.`,
    scratchSmoothed: `Hard labels smoothed by ${smoothing}.`,
  };
  return start === undefined
    ? sentences[arm]
    : `${sentences[arm]} From an earlier model's weights.`;
}

function describeFeatures({ spec: { features: specs = [] } }: SoftSource): string {
  const pairs = specs.map((pair) => {
    const [own, other] = [layersOf(pair.student), layersOf(pair.teacher)];
    const { name, ...more } = featureLossOf(pair);
    const weight = say(pair.weight ?? featureLosses[name].defaultWeight);
    const options = Object.entries(more).map(([option, value]) => `${option} ${value}, `);
    return `${own.join(" to ")} from the teacher's ${other.join(" to ")} (${name}, ${options.join("")}weight ${weight})`;
  });
  return pairs.length === 0 ? "" : ` Features: ${pairs.join(", ")}.`;
}

function describeAdversarial({ spec: { adversarial } }: SoftSource): string {
  if (adversarial === undefined) return "";
  const { weight = defaults.adversarial.weight } = adversarial;
  return ` Adversarial, weight ${say(weight)}, discriminator ${discriminatorName(adversarial)}.`;
}

function say(value: ScheduleSpec): string {
  if (typeof value === "number") return String(value);
  if (value.kind !== "windows") return `${value.kind} from ${value.value}`;
  return `${value.value} (in ${value.on.map((each) => each.join("–")).join(", ")} of the run, else 0)`;
}

/** @returns the learning rate schedule with another peak */
export function withLearningRate(spec: ScheduleSpec, value: number): ScheduleSpec {
  return typeof spec === "number" ? value : { ...spec, value };
}

/** @returns the peak of a learning rate schedule */
export function peakOf(spec: ScheduleSpec): number {
  return typeof spec === "number" ? spec : spec.value;
}

/** What the distilled student is trained on: without hard labels if it shall have none. */
function taughtSamples({ data, transfer }: DistillOptions): Dataset {
  return transfer?.labels === "none" ? withoutLabels(data.train) : data.train;
}

/** @param id place in the run folder; @param learningRate replaces the training's own */
export function armJob(
  arm: ArmName,
  id: string,
  { options, soft, features, teacherAugmentation, start }: ArmSources,
  { seed, learningRate }: { readonly seed: number; readonly learningRate: ScheduleSpec },
): Job {
  const training: TrainingSpec = { ...options.training, learningRate };
  const { student: network, data } = options;
  const { train, validation } = data;
  const own = start && startWeights(start, { network, train, seed });
  const base = { id, network, train, validation, seed, ...(own && { start: own }) };
  switch (arm) {
    case "distilled":
      return { ...base, training, soft, features, train: taughtSamples(options) };
    case "scratch":
      return { ...base, training };
    case "scratchAugmented":
      return {
        ...base,
        training:
          teacherAugmentation === undefined
            ? training
            : { ...training, augmentation: teacherAugmentation },
      };
    case "scratchSmoothed":
      return { ...base, training: { ...training, labelSmoothing: smoothing } };
  }
}
