/** @file Which values of a network must have one scale, and which scales are given. */

import type { Value } from "../graph/index.ts";
import { exactSampleQuantization } from "./affine.ts";
import type { FloatPlan } from "./lowering/float-layer.ts";
import type { RealRange } from "./observers.ts";
import type { Quantization } from "./quantized-graph.ts";
import { stateQuantization } from "./reference/gru.ts";

const sharing: readonly string[] = [
  ...["averagePool", "maxPool", "reshape", "concat", "swapAxes", "slice"],
];

/**
 * @returns the group of each value: pooling, reshape and concat keep the scale of what they read
 */
export function scaleGroups({ input, layers }: FloatPlan): ReadonlyMap<Value, ReadonlySet<Value>> {
  const groupOf = new Map<Value, Set<Value>>([[input, new Set([input])]]);
  const groupFor = (value: Value): Set<Value> => groupOf.get(value) ?? new Set([value]);
  for (const { kind, inputs, output } of layers) {
    const joined = sharing.includes(kind) ? [...inputs, output] : [output];
    const group = new Set(joined.flatMap((value) => [...groupFor(value)]));
    for (const value of group) groupOf.set(value, group);
  }
  return groupOf;
}

/** @returns what is given: softmax's and argMax's results, and samples that fit int8 exactly */
export function fixedQuantizations({
  input,
  sample,
  layers,
}: FloatPlan): ReadonlyMap<Value, Quantization> {
  const fixed = new Map<Value, Quantization>();
  for (const { kind, output } of layers) {
    if (kind === "softmax") fixed.set(output, { scale: 1 / 256, zeroPoint: -128 });
    if (kind === "gru") fixed.set(output, stateQuantization);
    if (kind === "argMax") fixed.set(output, { scale: 1, zeroPoint: 0 });
  }
  const exact = exactSampleQuantization(sample);
  if (exact !== undefined) fixed.set(input, exact);
  return fixed;
}

/** @returns the real numbers that int8 covers */
export function spanOf({ scale, zeroPoint }: Quantization): RealRange {
  return { min: scale * (-128 - zeroPoint), max: scale * (127 - zeroPoint) };
}
