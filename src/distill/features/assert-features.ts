/** @file What of features can be refused, before anything is trained or once a teacher is there. */

import { seenByTeacher } from "../../data/index.ts";
import { layerShapes, type NetworkSpec } from "../../engine/nn/index.ts";
import type { Shape } from "../../engine/tensor/index.ts";
import { ConfigError } from "../../errors/index.ts";
import { describeModel, prepareJob } from "../job.ts";
import { featureLosses } from "../losses/index.ts";
import { assertSumsParts } from "../named-loss.ts";
import type { DistillOptions, TeacherSource, TrainedTeacher } from "../options.ts";
import { assertStepFits } from "../step-memory.ts";
import type { Teacher } from "../teachers/index.ts";
import { networkOf } from "../training/model-file.ts";
import { featureLossOf } from "./feature-terms.ts";
import { noFeatures } from "./no-features.ts";
import type { OpenFeatures } from "./open-features.ts";

/** What of a run decides whether features can be learned. */
type Run = Pick<DistillOptions, "data" | "training" | "distillation" | "teacher" | "memoryBytes">;

/**
 * Refuses, before anything is trained, features that no student could learn; those of a network
 * that is trained first completely.
 *
 * @param students all that may be trained
 * @throws ConfigError "config/conflict" for a teacher without features, for training on the int8
 *   grid, for parts of a batch under a loss that relates samples; as withFeatures, assertStepFits
 */
export function assertFeatures(run: Run, students: readonly NetworkSpec[]): void {
  const { distillation: { features: specs = [] } = {}, training, teacher } = run;
  if (specs.length === 0) return;
  for (const { name: loss } of specs.map(featureLossOf)) {
    const { relatesSamples } = featureLosses[loss];
    assertSumsParts({ loss, relatesSamples, instead: "hint" }, training.accumulate);
  }
  if (training.quantizationAware !== undefined) throw onGrid();
  const sole = soleTeacher(teacher);
  if (sole === undefined) throw noFeatures("teacher", kinds[teacher.kind]);
  if ("network" in sole) assertTrained(run, sole, students);
  else if (sole.features === undefined)
    throw noFeatures(`teacher "${sole.name}"`, "a teacher that only answers");
}

const kinds: Readonly<Record<TeacherSource["kind"], string>> = {
  train: "several networks",
  ensemble: "several networks",
  given: "several networks",
  specialists: "a generalist and specialists",
  softLabels: "soft labels alone",
};

/** @returns the one network that is trained to be the teacher, or the one teacher that is there */
function soleTeacher(source: TeacherSource): TrainedTeacher | Teacher | undefined {
  const [first, ...others] = source.kind === "ensemble" ? source.members : [source];
  if (first === undefined || others.length > 0) return undefined;
  if (first.kind === "given") return first.teacher;
  if (first.kind !== "train") return undefined;
  return (first.teacher.members ?? 1) === 1 ? first.teacher : undefined;
}

/** Layers of a network whose units or channels will be pruned have sizes that nobody knows yet. */
function assertTrained(
  run: Run,
  { network, training }: TrainedTeacher,
  students: readonly NetworkSpec[],
): void {
  const { structure = "weights" } = training.pruning ?? {};
  if (structure !== "weights")
    throw noFeatures("teacher", `a network whose ${structure} are pruned while it trains`);
  const teacher = networkOf(describeModel({ network, train: seenByTeacher(run.data.train) }));
  assertPairs(run, students, layerShapes(teacher));
}

/**
 * Prepares each student's training with features, for nothing but what that refuses.
 *
 * @param shapes of one sample, by the teacher's layer
 * @throws as withFeatures and assertStepFits
 */
export function assertPairs(
  { data, training, distillation: { features: specs = [] } = {}, ...run }: Run,
  students: readonly NetworkSpec[],
  shapes: ReadonlyMap<string, Shape>,
): void {
  const { train, validation } = data;
  for (const network of students) {
    const features = { specs, open: unasked(shapes) };
    const job = { id: "student", network, train, validation, training, seed: 0, features };
    assertStepFits(job, prepareJob(job), run.memoryBytes);
  }
}

/** A teacher's layers whose values nobody will ask for. */
function unasked(shapes: ReadonlyMap<string, Shape>): OpenFeatures {
  return { shapes, reader: () => async () => undefined, close: async () => undefined };
}

function onGrid(): ConfigError {
  return new ConfigError("config/conflict", {
    where: "distillation.features",
    rule: "features are learned by a float student",
    got: "quantizationAware in the training",
    fix: "Train with features first; quantise the student after training, or train it on its int8 grid by its logits",
  });
}
