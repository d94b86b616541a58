/** @file cast in float64: floats stay as they are, integers lose their fraction, bool is x ≠ 0. */

import { isFloat } from "../tensor/index.ts";
import type { Reference } from "./reference.ts";

export const castReference: Reference = ([x], _attrs, { dtype }) => {
  const convert = (element: number): number => {
    if (isFloat(dtype)) return element;
    if (dtype === "bool") return element === 0 ? 0 : 1;
    return Math.trunc(element);
  };
  return { shape: x!.shape, data: x!.data.map(convert) };
};
