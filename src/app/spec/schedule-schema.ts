/** @file Numbers that may change during training: learning rate, temperature, loss weights. */

import * as z from "zod";
import type { ScheduleSpec } from "../../engine/optim/index.ts";

const share = z.number().min(0).max(1);

/** The kinds that every number may have. @param value what its values obey */
const courses = (value: z.ZodNumber) =>
  [
    z.strictObject({ kind: z.literal("constant"), value }),
    z.strictObject({
      kind: z.literal("step"),
      value,
      at: z.array(share).min(1).describe("shares of the run, 0 to 1"),
      factor: z.number().gt(0).exactOptional(),
    }),
    z.strictObject({
      kind: z.literal("cosine"),
      value,
      final: z.number().min(0).exactOptional(),
      warmup: share.exactOptional(),
    }),
    z.strictObject({
      kind: z.literal("linear"),
      value,
      final: z.number().min(0),
      warmup: share.exactOptional(),
    }),
    z.strictObject({ kind: z.literal("warmup"), value, warmup: share }),
  ] as const;

/** @returns a schedule of numbers above 0: a learning rate, a temperature */
export function scheduleSchema(): z.ZodType<ScheduleSpec> {
  const value = z.number().gt(0);
  return z.union([value, z.discriminatedUnion("kind", courses(value))]);
}

const windows = z
  .array(z.tuple([share, share]).refine(([from, to]) => from < to, "must end after it begins"))
  .min(1)
  .describe("shares of the run where it has the value; elsewhere 0");

/** @returns a schedule of a loss's weight, which may be 0 for a part of the run */
export function weightSchema(): z.ZodType<ScheduleSpec> {
  const value = z.number().min(0);
  const inWindows = z.strictObject({ kind: z.literal("windows"), value, on: windows });
  return z.union([value, z.discriminatedUnion("kind", [...courses(value), inWindows])]);
}
