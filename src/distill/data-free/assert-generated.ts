/** @file What a run whose students see generated samples alone can refuse before any work. */

import { type Dataset, UNLABELLED } from "../../data/index.ts";
import { input } from "../../engine/graph/index.ts";
import { ConfigError } from "../../errors/index.ts";
import { describeModel } from "../job.ts";
import type { DistillOptions, TeacherSource } from "../options.ts";
import { trainedTeachers } from "../teacher-source.ts";
import { type Model, networkOf } from "../training/model-file.ts";
import { differentiable } from "./generate-samples.ts";
import {
  assertGeneratedSpec,
  assertUnpaired,
  type GeneratedSpec,
  type SettledSpec,
  settledSpec,
  sharedSpec,
} from "./generated-spec.ts";
import { impressionStep } from "./impressions.ts";

/** What students are trained with: the samples that are promised, and real ones beside them. */
interface Parts extends Pick<DistillOptions["data"], "train" | "validation"> {
  /** the training part that no sample of is seen */
  readonly whole?: Dataset | undefined;
}

/**
 * @throws ConfigError as assertGeneratedSpec, sharedSpec and impressionStep; "config/conflict" for
 *   real training samples, for teacher inputs, for a teacher of some of the classes and for soft
 *   labels in place of a teacher; "config/missing" for a teacher that would be trained on what it
 *   shall make; DataError "teacher/no-gradient"; GraphError "autodiff/no-gradient"
 */
export function assertGenerated(
  spec: GeneratedSpec,
  { teacher, teacherClasses }: Pick<DistillOptions, "teacher" | "teacherClasses">,
  { train, validation, whole }: Parts,
): void {
  assertGeneratedSpec(spec, train);
  for (const part of [validation, whole]) if (part !== undefined) assertUnpaired(part);
  assertPromised(spec, train);
  if (teacherClasses !== undefined)
    throw conflict(
      "generated samples are of all the data's classes",
      `a teacher of ${teacherClasses.join(", ")} alone`,
      "Leave teacher.classes out, or give data of these classes alone",
    );
  if (teacher.kind === "softLabels")
    throw conflict(
      "samples are made from a teacher, which then labels them",
      "its soft labels alone",
      "Give the teacher, or train from a package that has its samples: potstill train",
    );
  if (trainedTeachers(teacher).some((trained) => trained.data === undefined))
    throw new ConfigError("config/missing", {
      where,
      rule: "a teacher that is trained here needs data of its own",
      got: "none",
      fix: "Give the teacher data: the students' samples come of it",
    });
  const settled = settledSpec(spec, train);
  if (settled.kind === "noise") return;
  const networks = networksOf(teacher, train);
  const shared = sharedSpec(settled, networkCount(teacher));
  for (const network of networks) assertDescends(network, shared);
}

const where = "transfer.generated";

function conflict(rule: string, got: string, fix: string): ConfigError {
  return new ConfigError("config/conflict", { where, rule, got, fix });
}

/** Else students of hard labels would be planned, and trained on samples that have none. */
function assertPromised({ samples }: GeneratedSpec, { name, length, labels }: Dataset): void {
  const isLabelled = labels.some((label) => label !== UNLABELLED);
  if (length === samples && !isLabelled) return;
  throw conflict(
    `the training samples must be the ${samples} that are to be made, which have no label`,
    `${length} samples of ${name}${isLabelled ? ", with labels" : ""}`,
    "Give promisedSamples(train, generated) as data.train, and the real ones as transfer.whole",
  );
}

/** @returns every network that gradients are asked of, those of weight 0 perhaps among them */
function networksOf(source: TeacherSource, train: Dataset): readonly Omit<Model, "weights">[] {
  switch (source.kind) {
    case "train":
      return [describeModel({ network: source.teacher.network, train })];
    case "given":
      return differentiable(source.teacher);
    case "ensemble":
      return source.members.flatMap((member) => networksOf(member, train));
    case "specialists":
      return differentiable({ name: "a generalist with specialists" });
    case "softLabels":
      return []; // refused above
  }
}

/** @returns how many networks make samples: not those whose weight is known to be 0 */
function networkCount(source: TeacherSource): number {
  const { weights } = source.kind === "train" ? source.teacher : { weights: undefined, ...source };
  if (Array.isArray(weights)) return weights.filter((weight) => weight !== 0).length;
  switch (source.kind) {
    case "train":
      return source.teacher.members ?? 1;
    case "given":
      return differentiable(source.teacher).length;
    case "ensemble":
      return source.members.reduce((sum, member) => sum + networkCount(member), 0);
    case "specialists":
    case "softLabels":
      return 0; // refused above
  }
}

/** Builds the step that samples are made with: what it refuses is refused before a teacher is. */
function assertDescends(
  model: Omit<Model, "weights">,
  spec: Extract<SettledSpec, { kind: "impressions" }>,
): void {
  const { parameters } = networkOf(model);
  const weights = parameters.map(
    ({ name, shape }) => [name, input(name, "float32", shape)] as const,
  );
  impressionStep(model, new Map(weights), spec);
}
