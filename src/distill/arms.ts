/**
 * @file The students that are compared, in words: same network, initial weights, batch order and
 * number of epochs.
 */

import type { Augmentation } from "../data/index.ts";
import type { ScheduleSpec } from "../engine/optim/index.ts";
import { discriminatorName } from "./adversarial.ts";
import { featureLossOf, layersOf } from "./features/feature-terms.ts";
import { featureLosses } from "./losses/index.ts";
import type { ArmName, DistillOptions } from "./options.ts";
import { type DistillationSpec, defaults } from "./training-spec.ts";

/** ε of the label-smoothing arm. */
export const smoothing = 0.1;

/** What tells the arms of a run apart. */
export interface ArmFacts {
  readonly options: Pick<DistillOptions, "transfer" | "distillation" | "start">;
  /**
   * what the teacher saw in training, for the arm that gets it too; undefined if it is not known
   */
  readonly teacherAugmentation: Augmentation | undefined;
  /** the teacher is here, and can be asked at every step */
  readonly isLive: boolean;
}

/** One sentence per arm, for reports. */
export function describeArm(
  arm: ArmName,
  { options, teacherAugmentation, isLive }: ArmFacts,
): string {
  const { distillation: spec = {}, start } = options;
  const isTaught = options.transfer?.labels === "none";
  const {
    temperature = defaults.temperature,
    softWeight = defaults.softWeight,
    hardWeight = defaults.hardWeight,
  } = spec;
  const sentences: Readonly<Record<ArmName, string>> = {
    distilled: `Soft labels at T = ${say(temperature)}, ${isTaught ? `weight ${say(softWeight)}, no hard labels` : `weights ${say(softWeight)} soft and ${say(hardWeight)} hard`}.${spec.live === true && isLive ? " The teacher was asked at every step." : ""}${describeFeatures(spec)}${describeAdversarial(spec)}`,
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

function describeFeatures({ features: specs = [] }: DistillationSpec): string {
  const pairs = specs.map((pair) => {
    const [own, other] = [layersOf(pair.student), layersOf(pair.teacher)];
    const { name, ...more } = featureLossOf(pair);
    const weight = say(pair.weight ?? featureLosses[name].defaultWeight);
    const options = Object.entries(more).map(([option, value]) => `${option} ${value}, `);
    return `${own.join(" to ")} from the teacher's ${other.join(" to ")} (${name}, ${options.join("")}weight ${weight})`;
  });
  return pairs.length === 0 ? "" : ` Features: ${pairs.join(", ")}.`;
}

function describeAdversarial({ adversarial }: DistillationSpec): string {
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
