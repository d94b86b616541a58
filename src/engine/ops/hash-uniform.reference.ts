/**
 * @file hashUniform in plain 32-bit arithmetic; the results are exact in float32 and float64 alike.
 */

import { elementCount } from "../tensor/index.ts";
import { hashUniformValues } from "./hash-uniform-values.ts";
import type { Reference } from "./reference.ts";

export const hashUniformReference: Reference = ([seed], attrs, { shape }) => {
  const into = new Float64Array(elementCount(shape));
  // attrs as the operator puts them there
  return { shape, data: hashUniformValues(seed!.data[0]!, attrs.stream as number, into) };
};
