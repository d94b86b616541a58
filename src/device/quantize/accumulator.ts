/** @file The one rule about 32-bit sums. */

import { QuantizeError } from "../../errors/index.ts";

/** Sums, after a multiplier's left shift, stay below 2³⁰, so that every rounding is defined. */
export function assertSmall(name: string, largest: number, multiplier: number): void {
  if (largest * Math.max(1, 2 * multiplier) < 2 ** 30) return;
  throw new QuantizeError("quantize/accumulator", {
    where: name,
    rule: "sums must stay below 2^30 when brought to the output's scale",
    got: `sums up to ${largest} times ${multiplier.toPrecision(3)}`,
    fix: "Calibrate with samples that exercise this layer, or give it fewer inputs or smaller weights",
    details: { largest, multiplier },
  });
}
