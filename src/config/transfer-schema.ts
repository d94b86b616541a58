/** @file The recipe's section `transfer`: what the student gets to see of the training part. */

import * as z from "zod";
import {
  type BiasCorrection,
  biasCorrections,
  type PaperExperiment,
  paperExperiments,
} from "../distill/index.ts";

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
  /** of the student on the whole training part; default: as many steps as the others */
  readonly wholeEpochs?: number;
  /** figures of the 2015 paper to show beside */
  readonly paper?: PaperExperiment;
}

/** Names; YAML reads the name 3 as a number. */
const classNames = z.array(z.union([z.string().min(1), z.int()])).min(1);

/** What the student sees. */
export const transferSchema: z.ZodType<TransferRecipe> = z
  .strictObject({
    withoutClasses: classNames
      .exactOptional()
      .describe("classes of which the student sees no sample"),
    onlyClasses: classNames.exactOptional().describe("the only classes that it sees samples of"),
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
    wholeEpochs: z
      .int()
      .min(1)
      .exactOptional()
      .describe("of the student on all samples; default: as many steps as the others"),
    paper: z
      .enum(paperExperiments)
      .exactOptional()
      .describe("figures of the 2015 paper to show beside"),
  })
  .describe("what the students see of the training part; the teacher sees all of it");
