/** @file softmax in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { lineReference } from "./reference-loops.ts";

export const softmaxReference: Reference = lineReference((line) => {
  const max = Math.max(...line);
  const powers = line.map((x) => Math.exp(x - max));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
});
