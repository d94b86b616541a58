/** @file erf in float64, obviously right: a series of positive terms, which loses no digits. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

/**
 * erf x = 2/√π · exp(−x²) · Σₙ 2ⁿ x²ⁿ⁺¹ / (1 · 3 · … · (2n + 1)). Beyond 6, 1 − erf x is below
 * float64's rounding.
 *
 * @see Abramowitz, Stegun (1964), Handbook of Mathematical Functions, 7.1.6
 */
export function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

export const erfReference: Reference = elementwiseReference(errorFunction);
