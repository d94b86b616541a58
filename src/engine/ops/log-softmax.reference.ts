/** @file logSoftmax in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { lineReference } from "./reference-loops.ts";

export const logSoftmaxReference: Reference = lineReference((line) => {
  const max = Math.max(...line);
  const total = line.reduce((sum, x) => sum + Math.exp(x - max), 0);
  return line.map((x) => x - max - Math.log(total));
});
