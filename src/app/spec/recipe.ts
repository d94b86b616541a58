/** @file A recipe: everything that a distillation run is asked to do, as one plain object. */

import * as z from "zod";
import { type DataSpec, type SplitOptions, softLabelPrecisions } from "../../data/index.ts";
import {
  type ArmName,
  armNames,
  type DistillationSpec,
  type LabelSpec,
  type TrainingSpec,
  type TuningSpec,
} from "../../distill/index.ts";
import { dataSchema } from "./data-schema.ts";
import { type DecoderRecipe, decoderSchema } from "./decoder-schema.ts";
import { type StudentRecipe, studentSchema } from "./network-schema.ts";
import { type TeacherRecipe, teacherSchema } from "./teacher-schema.ts";
import { augmentationSchema, distillationSchema, trainingSchema } from "./training-schema.ts";
import { type TransferRecipe, transferSchema } from "./transfer-schema.ts";

/** How the parts are made: `validation` is a share of the samples that are not test samples. */
export interface SplitRecipe extends Omit<SplitOptions, "seed" | "validation" | "by"> {
  /**
   * "sample"; "group": by the data's group; or the column that is the group, which parseRecipe
   * writes into `data`. Default: group where the data have groups, else sample
   */
  readonly by?: string;
  readonly seed?: number;
  readonly validation?: number;
}

/** As DistillOptions has it. */
export interface ConvergenceRecipe {
  readonly seeds: number;
  readonly learningRates: readonly number[];
}

/** How trainings are kept safe while they run. */
export interface CheckpointRecipe {
  /** between two checkpoints; default 20 */
  readonly everySeconds?: number;
  /** states to keep of a training that runs, the newest included; default 1 */
  readonly keep?: number;
}

export interface Recipe {
  readonly name: string;
  readonly description?: string;
  /** may be absent where a soft-label package brings the samples */
  readonly data?: DataSpec;
  /** what the teacher sees of the same samples, in the same order; default: `data` */
  readonly teacherInputs?: DataSpec;
  readonly split?: SplitRecipe;
  /** keep only that many labels of the training part: the rest becomes unlabelled transfer data */
  readonly labelled?: number;
  readonly transfer?: TransferRecipe;
  readonly teacher: TeacherRecipe;
  readonly student: StudentRecipe;
  readonly training: TrainingSpec;
  readonly distillation?: DistillationSpec;
  readonly labels?: LabelSpec;
  readonly seeds?: readonly number[];
  readonly arms?: readonly ArmName[];
  readonly tuning?: TuningSpec;
  readonly convergence?: ConvergenceRecipe;
  readonly precisions?: boolean;
  /** count word errors too, of frames of speech */
  readonly decoder?: DecoderRecipe;
  readonly allowLargerStudent?: boolean;
  readonly checkpoints?: CheckpointRecipe;
  /** log every training step; default one line an epoch, of its last step with the epoch's means */
  readonly stepLogs?: boolean;
  readonly threads?: number;
  /** what executes the graphs; default cpu */
  readonly provider?: RecipeProvider;
}

/** Execution providers that a recipe may name; the runtime knows the same ones. */
export const recipeProviders = ["cpu", "webgpu", "cuda"] as const;
export type RecipeProvider = (typeof recipeProviders)[number];

const count = z.int().min(1);
const seed = z.int().min(0);
const share = z.number().gt(0).lt(1);
const rates = z.array(z.number().gt(0)).min(1);

const splitSchema: z.ZodType<SplitRecipe> = z.strictObject({
  validation: share.exactOptional().describe("share of the samples that are not test; default 0.1"),
  test: share
    .exactOptional()
    .describe("share of the samples that have a label; for data without a test part"),
  seed: seed.exactOptional().describe("default 1"),
  stratified: z
    .boolean()
    .exactOptional()
    .describe("keep each class's share; default true by sample, and not by group"),
  by: z
    .string()
    .min(1)
    .exactOptional()
    .describe(
      "sample, group, or the column of the group: speaker, device; default group where data have groups",
    ),
  duplicates: z
    .enum(["refuse", "same-side"])
    .exactOptional()
    .describe("identical samples; default refuse; same-side keeps them in one part"),
});

const labelsSchema: z.ZodType<LabelSpec> = z.strictObject({
  precision: z.enum(softLabelPrecisions).exactOptional().describe("default float16"),
  views: count.exactOptional().describe("augmented views of each sample; default 1"),
  augmentation: augmentationSchema.exactOptional(),
  seed: seed.exactOptional(),
  withInputs: z.boolean().exactOptional().describe("keep the samples in the package too"),
  members: z
    .enum(["each", "averaged"])
    .exactOptional()
    .describe("of an ensemble, each member's logits (default), or one averaged vector: lossy"),
});

/** The whole recipe, strict: an unknown key is an error. */
export const recipeSchema: z.ZodType<Recipe> = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, "must be of small letters, digits and -")
    .describe("names the run folder: small letters, digits and -"),
  description: z.string().exactOptional(),
  data: dataSchema.exactOptional(),
  teacherInputs: dataSchema
    .exactOptional()
    .describe("what the teacher sees of the same samples, in the same order; default: data"),
  split: splitSchema.exactOptional(),
  labelled: count
    .exactOptional()
    .describe("labels of the training part to keep; the rest is unlabelled transfer data"),
  transfer: transferSchema.exactOptional(),
  teacher: teacherSchema,
  student: studentSchema,
  training: trainingSchema.describe("of the student, in all arms"),
  distillation: distillationSchema.exactOptional(),
  labels: labelsSchema.exactOptional(),
  seeds: z.array(seed).min(1).exactOptional().describe("default [1, 2, 3, 4, 5]"),
  arms: z
    .array(z.enum(armNames))
    .min(1)
    .exactOptional()
    .describe("default: all; with transfer.generated distilled"),
  tuning: z
    .strictObject({ learningRates: rates.exactOptional() })
    .exactOptional()
    .describe("each arm tries each value once and keeps the best on validation"),
  convergence: z
    .strictObject({ seeds: count, learningRates: rates })
    .exactOptional()
    .describe("measure whether the student converges quicker"),
  precisions: z.boolean().exactOptional().describe("measure what each precision costs"),
  decoder: decoderSchema.exactOptional(),
  allowLargerStudent: z.boolean().exactOptional(),
  checkpoints: z
    .strictObject({
      everySeconds: z.number().min(0).exactOptional().describe("default 20"),
      keep: count.exactOptional().describe("states to keep of a training that runs; default 1"),
    })
    .exactOptional(),
  stepLogs: z.boolean().exactOptional().describe("log every step; default one line an epoch"),
  threads: count.exactOptional().describe("of the runtime; default 1"),
  provider: z
    .enum(recipeProviders)
    .exactOptional()
    .describe(
      "what executes the graphs; cuda needs onnxruntime-node's CUDA libraries; default cpu",
    ),
});
