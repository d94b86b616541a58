/** @file The recipe's section `teacher`: exactly one way to get one. */

import * as z from "zod";
import type { CombineMethod, Preprocessing } from "../data/index.ts";
import type { MemberWeights, SpecialistsSpec, TrainingSpec } from "../distill/index.ts";
import type { NetworkSpec } from "../nn/index.ts";
import { preprocessingSchema } from "./data-schema.ts";
import { networkSchema } from "./network-schema.ts";
import { trainingSchema } from "./training-schema.ts";

/** A network trained here, before anything else. */
export interface TrainTeacherRecipe {
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
export interface ModelTeacherRecipe {
  readonly model: string;
  readonly output?: string;
  readonly input?: string;
  readonly kind?: "logits" | "probabilities" | "sigmoid";
  readonly layout?: "nchw" | "nhwc";
  readonly preprocessing?: Preprocessing;
  readonly batchSize?: number;
}

/** A model that Potstill trained: teacher.safetensors or student.safetensors of a run folder. */
export interface CheckpointTeacherRecipe {
  readonly checkpoint: string;
}

/** Networks that are trained as members of an ensemble, `members` of them by seed. */
export interface TrainMemberRecipe {
  readonly train: Omit<TrainTeacherRecipe["train"], "combine" | "weights">;
}

export type MemberRecipe = TrainMemberRecipe | ModelTeacherRecipe | CheckpointTeacherRecipe;

/** Several teachers as one: trained here or files, of any architectures. */
export interface EnsembleTeacherRecipe {
  readonly ensemble: readonly MemberRecipe[];
  readonly combine?: CombineMethod;
  /** one for each network; or chosen on validation */
  readonly weights?: MemberWeights;
}

/** A generalist, and specialists for the classes that it confuses. */
export interface SpecialistsTeacherRecipe {
  readonly specialists: SpecialistsSpec & {
    readonly generalist: TrainMemberRecipe | CheckpointTeacherRecipe;
  };
}

/** Soft labels that a teacher wrote earlier; the teacher itself is not needed. */
export interface SoftLabelsTeacherRecipe {
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

const model: z.ZodType<ModelTeacherRecipe> = z.strictObject({
  model: path.describe("an .onnx file"),
  output: path.exactOptional().describe("needed if the file has several outputs"),
  input: path.exactOptional(),
  kind: z.enum(["logits", "probabilities", "sigmoid"]).exactOptional(),
  layout: z.enum(["nchw", "nhwc"]).exactOptional(),
  preprocessing: preprocessingSchema.exactOptional(),
  batchSize: z.int().min(1).exactOptional(),
});

const checkpoint: z.ZodType<CheckpointTeacherRecipe> = z.strictObject({
  checkpoint: path.describe("a .safetensors model from a run folder"),
});

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
  z.strictObject({ train: z.strictObject({ ...memberFields, combine, weights }) }),
  model,
  checkpoint,
  z.strictObject({
    ensemble: z.array(z.union([trainMember, model, checkpoint])).min(1),
    combine,
    weights,
  }),
  z.strictObject({ specialists }),
  z.strictObject({
    softLabels: path.describe("folder of a soft-label package"),
    combine,
    weights,
  }),
]);
