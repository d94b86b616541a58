/** @file The recipe's section `teacher`: exactly one way to get one. */

import * as z from "zod";
import type { CombineMethod, Preprocessing } from "../../data/index.ts";
import type { MemberWeights, SpecialistsSpec, TrainingSpec } from "../../distill/index.ts";
import type { NetworkSpec } from "../../engine/nn/index.ts";
import { preprocessingSchema } from "./data-schema.ts";
import { networkSchema } from "./network-schema.ts";
import { trainingSchema } from "./training-schema.ts";
import { classNamesSchema } from "./transfer-schema.ts";

/** What any teacher may know: some of the data's classes. */
interface KnownClasses {
  /**
   * names of the classes that it knows, in the order of its logits, where these are not all of the
   * data's; a teacher that is trained here is trained on their samples alone
   */
  readonly classes?: readonly (string | number)[];
}

/** A network trained here, before anything else. */
export interface TrainTeacherRecipe extends KnownClasses {
  readonly train: {
    readonly network: NetworkSpec;
    readonly training: TrainingSpec;
    readonly members?: number;
    readonly combine?: CombineMethod;
    readonly weights?: MemberWeights;
    /** with `labelled`: "all" lets the teacher see every label; default "labelled" */
    readonly labels?: "labelled" | "all";
  };
}

/** Any ONNX file. */
export interface ModelFileRecipe {
  readonly model: string;
  readonly output?: string;
  readonly input?: string;
  readonly kind?: "logits" | "probabilities" | "sigmoid";
  readonly layout?: "nchw" | "nhwc";
  readonly preprocessing?: Preprocessing;
  readonly batchSize?: number;
}

/** A model that Potstill trained: teacher.safetensors or student.safetensors of a run folder. */
export interface CheckpointFileRecipe {
  readonly checkpoint: string;
}

export type ModelTeacherRecipe = ModelFileRecipe & KnownClasses;
export type CheckpointTeacherRecipe = CheckpointFileRecipe & KnownClasses;

/** Networks that are trained as members of an ensemble, `members` of them by seed. */
export interface TrainMemberRecipe {
  readonly train: Omit<TrainTeacherRecipe["train"], "combine" | "weights">;
}

export type MemberRecipe = TrainMemberRecipe | ModelFileRecipe | CheckpointFileRecipe;

/** Several teachers as one: trained here or files, of any architectures. */
export interface EnsembleTeacherRecipe extends KnownClasses {
  readonly ensemble: readonly MemberRecipe[];
  readonly combine?: CombineMethod;
  /** one for each network; or chosen on validation */
  readonly weights?: MemberWeights;
}

/** A generalist, and specialists for the classes that it confuses. */
export interface SpecialistsTeacherRecipe {
  readonly specialists: SpecialistsSpec & {
    readonly generalist: TrainMemberRecipe | CheckpointFileRecipe;
  };
}

/** Soft labels that a teacher wrote earlier; the teacher itself is not needed. */
export interface SoftLabelsTeacherRecipe extends KnownClasses {
  readonly softLabels: string;
  /** in place of the package's own */
  readonly combine?: CombineMethod;
  /** one for each member; or chosen on validation samples, which the package must hold */
  readonly weights?: MemberWeights;
}

export type TeacherRecipe =
  | TrainTeacherRecipe
  | ModelTeacherRecipe
  | CheckpointTeacherRecipe
  | EnsembleTeacherRecipe
  | SpecialistsTeacherRecipe
  | SoftLabelsTeacherRecipe;

const path = z.string().min(1);
const combine = z.enum(["arithmetic", "geometric", "logits"]).exactOptional();

const classes = classNamesSchema
  .min(2)
  .exactOptional()
  .describe("those that it knows, in the order of its logits, where not all of the data's");

const modelFields = {
  model: path.describe("an .onnx file"),
  output: path.exactOptional().describe("needed if the file has several outputs"),
  input: path.exactOptional(),
  kind: z.enum(["logits", "probabilities", "sigmoid"]).exactOptional(),
  layout: z.enum(["nchw", "nhwc"]).exactOptional(),
  preprocessing: preprocessingSchema.exactOptional(),
  batchSize: z.int().min(1).exactOptional(),
};
const checkpointFields = {
  checkpoint: path.describe("a .safetensors model from a run folder"),
};
const model: z.ZodType<ModelFileRecipe> = z.strictObject(modelFields);
const checkpoint: z.ZodType<CheckpointFileRecipe> = z.strictObject(checkpointFields);

const memberFields = {
  network: networkSchema,
  training: trainingSchema,
  members: z.int().min(1).exactOptional().describe("networks that differ by seed; default 1"),
  labels: z.enum(["labelled", "all"]).exactOptional(),
};
const numbers = z.array(z.number().min(0)).min(1);
const weights = z
  .union([numbers, z.literal("validation")])
  .exactOptional()
  .describe("one for each network, or validation: those with the smallest negative log-likelihood");

const trainMember: z.ZodType<TrainMemberRecipe> = z.strictObject({
  train: z.strictObject(memberFields),
});

const specialists: z.ZodType<SpecialistsTeacherRecipe["specialists"]> = z.strictObject({
  generalist: z.union([trainMember, checkpoint]),
  training: trainingSchema.describe("of each specialist, from the generalist's weights on"),
  count: z.int().min(1).describe("clusters of classes that the generalist confuses"),
  size: z
    .int()
    .min(2)
    .exactOptional()
    .describe("classes of each specialist, overlapping; default: the clusters themselves"),
  seed: z.int().min(0).exactOptional().describe("of the clustering; default 0"),
  temperature: z
    .number()
    .gt(0)
    .exactOptional()
    .describe("softens the predictions that are clustered; default 1"),
  clusterOn: z.enum(["train", "validation"]).exactOptional().describe("default train"),
  softWeight: z
    .number()
    .min(0)
    .exactOptional()
    .describe("of the generalist's soft targets in the specialists' training; default 0"),
  softTemperature: z.number().gt(0).exactOptional().describe("of these; default 2"),
  active: z
    .int()
    .min(1)
    .exactOptional()
    .describe("most probable classes whose specialists are asked; default 1"),
});

/** Exactly one of train, model, checkpoint, ensemble, specialists, softLabels. */
export const teacherSchema: z.ZodType<TeacherRecipe> = z.union([
  z.strictObject({ train: z.strictObject({ ...memberFields, combine, weights }), classes }),
  z.strictObject({ ...modelFields, classes }),
  z.strictObject({ ...checkpointFields, classes }),
  z.strictObject({
    ensemble: z.array(z.union([trainMember, model, checkpoint])).min(1),
    combine,
    weights,
    classes,
  }),
  z.strictObject({ specialists }),
  z.strictObject({
    softLabels: path.describe("folder of a soft-label package"),
    combine,
    weights,
    classes,
  }),
]);

/** @returns the classes that a recipe's teacher knows, as text; undefined: the data's */
export function teacherClassesOf(teacher: TeacherRecipe): readonly string[] | undefined {
  return "classes" in teacher ? teacher.classes?.map(String) : undefined;
}
