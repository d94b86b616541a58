/** @file Which values of a network must have one scale, and which scales are given. */

import type { Value } from "../../engine/graph/index.ts";
import { exactSampleQuantization } from "./affine.ts";
import type { FloatLayer, FloatPlan } from "./lowering/float-layer.ts";
import type { RealRange } from "./observers.ts";
import type { Quantization } from "./quantized-graph.ts";
import { stateQuantization } from "./reference/gru.ts";

/** Values that must have one scale. */
export interface ScaleGroup {
  readonly values: ReadonlySet<Value>;
  /** scales that are given: of samples that fit int8 exactly, of what kernels make and is joined */
  readonly given: readonly Quantization[];
  /** whether a kernel makes the values in the one given scale, whatever their range */
  readonly isFixed: boolean;
}

const sharing: readonly string[] = [
  ...["averagePool", "maxPool", "reshape", "concat", "swapAxes", "slice"],
];

/**
 * @returns the group of each value: pooling, reshape and concat keep the scale of what they read.
 *   What a kernel gives its scale, and concat joins to others, is in no group with them; theirs
 *   covers it.
 */
export function scaleGroups(plan: FloatPlan): ReadonlyMap<Value, ScaleGroup> {
  const { input, sample, layers } = plan;
  const exact = exactSampleQuantization(sample);
  const samples = { values: new Set([input]), given: exact === undefined ? [] : [exact] };
  const groupOf = new Map<Value, ScaleGroup>([[input, { ...samples, isFixed: false }]]);
  for (const { kind, inputs, output } of layers) {
    const read = sharing.includes(kind) ? inputs.map((operand) => groupOf.get(operand)!) : []; // in order
    const own = kernelQuantization(kind);
    const group =
      own === undefined
        ? joined(output, [...new Set(read)])
        : { values: new Set([output]), given: [own], isFixed: true };
    for (const value of group.values) groupOf.set(value, group);
  }
  return groupOf;
}

/** @returns what the layer makes, whatever its output's range */
function kernelQuantization(kind: FloatLayer["kind"]): Quantization | undefined {
  if (kind === "softmax") return { scale: 1 / 256, zeroPoint: -128 };
  if (kind === "gru") return stateQuantization;
  return kind === "argMax" ? { scale: 1, zeroPoint: 0 } : undefined;
}

/** @param read groups of the operands that a layer gives its output the scale of */
function joined(output: Value, read: readonly ScaleGroup[]): ScaleGroup {
  const given = read.flatMap((group) => group.given);
  const [first] = given;
  const isFixed =
    first !== undefined &&
    read.every((group) => group.isFixed && sameQuantization(group.given[0]!, first)); // fixed ones have one
  const members = isFixed ? read : read.filter((group) => !group.isFixed);
  const values = new Set([...members.flatMap((group) => [...group.values]), output]);
  return { values, given: isFixed ? [first] : given, isFixed };
}

export function sameQuantization(a: Quantization, b: Quantization): boolean {
  return a.scale === b.scale && a.zeroPoint === b.zeroPoint;
}

/** @returns whether samples fit int8 exactly, whatever their range */
export function isExactInput({ input, sample }: FloatPlan, value: Value): boolean {
  return value === input && exactSampleQuantization(sample) !== undefined;
}

/** @returns the real numbers that int8 covers */
export function spanOf({ scale, zeroPoint }: Quantization): RealRange {
  return { min: scale * (-128 - zeroPoint), max: scale * (127 - zeroPoint) };
}
