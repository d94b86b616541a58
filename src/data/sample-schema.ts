/** @file Schemas of what files say of their samples: how text was numbered, frames were made. */

import { z } from "zod";
import type { FrameEncoding } from "./audio/frame-encoding.ts";
import type { TextEncoding } from "./dataset.ts";

export const textSchema: z.ZodType<TextEncoding> = z.strictObject({
  vocabulary: z.array(z.string()).min(2),
  length: z.int().min(1),
});

const frames = z.int().min(0);

export const framesSchema: z.ZodType<FrameEncoding> = z.strictObject({
  context: z.strictObject({ before: frames, after: frames }),
  standardization: z
    .strictObject({
      mean: z.array(z.number()).min(1),
      deviation: z.array(z.number().positive()),
    })
    .refine(({ mean, deviation }) => mean.length === deviation.length, {
      path: ["deviation"],
      message: "must be one for each mean",
    })
    .nullable(),
});
