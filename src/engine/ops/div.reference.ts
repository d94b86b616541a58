/** @file div in float64, obviously right; integers lose the fraction. */

import { isFloat } from "../tensor/index.ts";
import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const divReference: Reference = (inputs, attrs, output) => {
  const divide = (a: number, b: number) => (isFloat(output.dtype) ? a / b : Math.trunc(a / b));
  return elementwiseReference(divide)(inputs, attrs, output);
};
