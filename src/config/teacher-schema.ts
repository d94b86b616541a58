/** @file The recipe's section `teacher`: exactly one way to get one. */

import * as z from "zod";
import type { CombineMethod, Preprocessing } from "../data/index.ts";
import type { TrainingSpec } from "../distill/index.ts";
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

/** Several files as one teacher. */
export interface EnsembleTeacherRecipe {
  readonly ensemble: readonly (ModelTeacherRecipe | CheckpointTeacherRecipe)[];
  readonly combine?: CombineMethod;
}

/** Soft labels that a teacher wrote earlier; the teacher itself is not needed. */
export interface SoftLabelsTeacherRecipe {
  readonly softLabels: string;
}

export type TeacherRecipe =
  | TrainTeacherRecipe
  | ModelTeacherRecipe
  | CheckpointTeacherRecipe
  | EnsembleTeacherRecipe
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

/** Exactly one of train, model, checkpoint, ensemble, softLabels. */
export const teacherSchema: z.ZodType<TeacherRecipe> = z.union([
  z.strictObject({
    train: z.strictObject({
      network: networkSchema,
      training: trainingSchema,
      members: z.int().min(1).exactOptional(),
      combine,
      labels: z.enum(["labelled", "all"]).exactOptional(),
    }),
  }),
  model,
  checkpoint,
  z.strictObject({ ensemble: z.array(z.union([model, checkpoint])).min(1), combine }),
  z.strictObject({ softLabels: path.describe("folder of a soft-label package") }),
]);
