/** @file batchNormalization in float64, obviously right. */

import { elementCount } from "../tensor/index.ts";
import type { Reference } from "./reference.ts";

export const batchNormalizationReference: Reference = (inputs, attrs, { shape }) => {
  const [x, scale, bias, mean, variance] = inputs.map(({ data }) => data);
  const epsilon = Number(attrs.epsilon);
  const inner = elementCount(shape.slice(2));
  const data = x!.map((value, position) => {
    const c = Math.floor(position / inner) % shape[1]!;
    return ((value - mean![c]!) / Math.sqrt(variance![c]! + epsilon)) * scale![c]! + bias![c]!;
  });
  return { shape, data };
};
