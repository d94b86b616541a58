/** @file The recipe's section `transfer`: what the student gets to see of the training part. */

import * as z from "zod";
import {
  type BiasCorrection,
  biasCorrections,
  type GeneratedSpec,
  type PaperExperiment,
  paperExperiments,
} from "../../distill/index.ts";

/** The teacher is trained on the whole training part; the students of all arms on this of it. */
export interface TransferRecipe {
  /** names of classes of which the students see no sample */
  readonly withoutClasses?: readonly (string | number)[];
  /** names of the only classes that they see samples of */
  readonly onlyClasses?: readonly (string | number)[];
  /** share of the samples that are left, of each class */
  readonly fraction?: number;
  /** "none": the distilled student gets no hard label; default "keep" */
  readonly labels?: "keep" | "none";
  /**
   * what is added to the logits of classes without samples, chosen on the validation split:
   * "shared", one number for all of them, or "perClass"
   */
  readonly biasCorrection?: BiasCorrection;
  /** in place of samples of the training part: those made from the teacher alone */
  readonly generated?: GeneratedSpec;
  /**
   * of the student on the whole training part; default: as many steps as the others, and beside
   * generated samples no such student
   */
  readonly wholeEpochs?: number;
  /** figures of the 2015 paper to show beside */
  readonly paper?: PaperExperiment;
}

/** Names; YAML reads the name 3 as a number. */
export const classNamesSchema: z.ZodArray<z.ZodUnion<readonly [z.ZodString, z.ZodInt]>> = z
  .array(z.union([z.string().min(1), z.int()]))
  .min(1);

const noiseFields = {
  samples: z.int().min(1),
  seed: z.int().min(0).exactOptional().describe("default 0"),
  range: z
    .tuple([z.number(), z.number()])
    .exactOptional()
    .describe("least and largest stored value; default [0, 255] for uint8, needed for float32"),
  distribution: z.enum(["uniform", "normal"]).exactOptional().describe("default uniform"),
  blur: z
    .number()
    .min(0)
    .exactOptional()
    .describe("deviation of a Gaussian that smooths the noise of images, in pixels; default 0"),
};

const generatedSchema: z.ZodType<GeneratedSpec> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("impressions"),
    ...noiseFields,
    scales: z
      .array(z.number().min(1e-6).max(1e6))
      .min(1)
      .exactOptional()
      .describe("of the targets' concentrations, in turn; default [1, 0.1]"),
    temperature: z.number().gt(0).exactOptional().describe("of the teacher's answer; default 1"),
    steps: z.int().min(1).exactOptional().describe("of gradient descent; default 50"),
    learningRate: z
      .number()
      .gt(0)
      .exactOptional()
      .describe("of Adam, as a share of the range; default 0.2"),
    statisticsWeight: z
      .number()
      .min(0)
      .exactOptional()
      .describe("of what the teacher's batch normalisation has kept; default 10"),
    batchSize: z.int().min(1).exactOptional().describe("made together; default 100"),
  }),
  z.strictObject({ kind: z.literal("noise"), ...noiseFields }),
]);

/** What the student sees. */
export const transferSchema: z.ZodType<TransferRecipe> = z
  .strictObject({
    withoutClasses: classNamesSchema
      .exactOptional()
      .describe("classes of which the student sees no sample"),
    onlyClasses: classNamesSchema
      .exactOptional()
      .describe("the only classes that it sees samples of"),
    fraction: z
      .number()
      .gt(0)
      .lt(1)
      .exactOptional()
      .describe("share of the samples that are left, of each class"),
    labels: z
      .enum(["keep", "none"])
      .exactOptional()
      .describe("none: the distilled student gets no hard label; default keep"),
    biasCorrection: z
      .enum(biasCorrections)
      .exactOptional()
      .describe("of classes without samples, chosen on the validation split"),
    generated: generatedSchema
      .exactOptional()
      .describe("no sample of the training part, but such, made from the teacher alone"),
    wholeEpochs: z
      .int()
      .min(1)
      .exactOptional()
      .describe(
        "of the student on all samples; default: as many steps as the others, with generated: none",
      ),
    paper: z
      .enum(paperExperiments)
      .exactOptional()
      .describe("figures of the 2015 paper to show beside"),
  })
  .describe("what the students see of the training part; the teacher sees all of it");
