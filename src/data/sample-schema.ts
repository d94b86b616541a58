/** @file Schemas of what files say of their samples: how text was numbered, frames standardised. */

import { z } from "zod";
import type { FeatureStatistics } from "./audio/feature-statistics.ts";
import type { TextEncoding } from "./dataset.ts";

export const textSchema: z.ZodType<TextEncoding> = z.strictObject({
  vocabulary: z.array(z.string()).min(2),
  length: z.int().min(1),
});

export const standardizationSchema: z.ZodType<FeatureStatistics> = z
  .strictObject({
    mean: z.array(z.number()).min(1),
    deviation: z.array(z.number().positive()),
  })
  .refine(({ mean, deviation }) => mean.length === deviation.length, {
    path: ["deviation"],
    message: "must be one for each mean",
  });
