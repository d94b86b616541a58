/** @file Numbers that may change during training: learning rate, temperature, loss weights. */

import * as z from "zod";
import type { ScheduleSpec } from "../optim/index.ts";

const share = z.number().min(0).max(1);

/** @returns a schedule whose values obey `value` */
export function scheduleSchema(value: z.ZodNumber): z.ZodType<ScheduleSpec> {
  return z.union([
    value,
    z.discriminatedUnion("kind", [
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
      z.strictObject({
        kind: z.literal("windows"),
        value,
        on: z
          .array(
            z.tuple([share, share]).refine(([from, to]) => from < to, "must end after it begins"),
          )
          .min(1)
          .describe("shares of the run where it has the value; elsewhere 0"),
      }),
    ]),
  ]);
}
