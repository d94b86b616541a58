/** @file Building blocks of the report's schema. */

import { z } from "zod";
import { type ArmName, armNames, type Json } from "./input.ts";

/** 0 … 1, with room for rounding in sums of probabilities */
export const share: z.ZodType<number> = z.number().min(0).max(1.000001);
export const difference: z.ZodType<number> = z.number().min(-1).max(1);
export const count: z.ZodType<number> = z.number().int().min(0);
export const seconds: z.ZodType<number> = z.number().min(0);
/** Divergences may come out a rounding error below zero. */
export const nats: z.ZodType<number> = z.number().min(-1e-6);
export const json: z.ZodType<Json> = z.json();
export const arm: z.ZodType<ArmName> = z.enum(armNames);

/** Fields of a value for each seed. */
export function perSeedFields(value: z.ZodType<number>): {
  mean: z.ZodType<number>;
  perSeed: z.ZodArray<z.ZodType<number>>;
} {
  return { mean: z.number(), perSeed: z.array(value) };
}

/** Fields of a mean with its interval, whose ends are null where there are too few groups. */
export function intervalFields(value: z.ZodType<number>): {
  mean: z.ZodType<number>;
  low: z.ZodType<number | null>;
  high: z.ZodType<number | null>;
} {
  return { mean: value, low: value.nullable(), high: value.nullable() };
}
