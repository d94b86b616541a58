/** @file The schema of report.json's section `transfer`. */

import { z } from "zod";
import { biasCorrections, generatedKinds, paperExperiments } from "../../distill/index.ts";
import { armNames } from "./input.ts";
import { count, intervalFields, perSeedFields, share } from "./schema-parts.ts";
import type { TransferReport } from "./transfer-report.ts";

const shares = z.strictObject(perSeedFields(share));
const interval = z.strictObject(intervalFields(share));

const paperFigure = z.strictObject({
  accuracy: share,
  trainAccuracy: share.exactOptional(),
  withheldAccuracy: share.exactOptional(),
  note: z.string(),
});

const system = z.strictObject({
  system: z.enum(["whole", ...armNames]),
  isCorrected: z.boolean().describe("With class biases chosen on the validation split"),
  trainSize: count,
  trainAccuracy: shares.nullable(),
  accuracy: z.strictObject({ ...intervalFields(share), ...perSeedFields(share) }),
  errors: z.strictObject(perSeedFields(count)),
  withheldAccuracy: interval.nullable().describe("On test samples of the withheld classes"),
  withheldAmong: interval
    .nullable()
    .default(null)
    .describe("On these, where only the withheld classes can be named"),
  shownAccuracy: interval.nullable().default(null).describe("On test samples of all other classes"),
  validation: z.strictObject({
    kept: shares.describe("Of the weights that were kept"),
    last: shares.describe("After the last epoch, before corrections"),
  }),
  bias: z
    .strictObject(perSeedFields(z.number()))
    .nullable()
    .describe("How much higher the withheld classes were put than the others"),
  paper: paperFigure.nullable().describe("Hinton, Vinyals, Dean (2015)"),
});

/** Students that saw part of what their teacher saw. */
export const transferSchema: z.ZodType<TransferReport> = z.strictObject({
  withheld: z.array(z.string()).describe("Classes of which the students saw no sample"),
  transferSize: count,
  wholeSize: count,
  hasLabels: z.boolean().describe("False where the distilled student got no hard label"),
  correction: z.enum(biasCorrections).nullable(),
  paper: z.enum(paperExperiments).nullable(),
  generated: z
    .enum(generatedKinds)
    .exactOptional()
    .describe("How the distilled student's samples were made from the teacher; else of the data"),
  distinctSize: count
    .exactOptional()
    .describe("Different ones among the generated samples, where these are such"),
  systems: z.array(system),
  recovered: z
    .strictObject(intervalFields(z.number()))
    .nullable()
    .describe("(distilled - scratch) / (whole - scratch)"),
});
