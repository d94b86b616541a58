/** @file pad: a constant border. ONNX: Pad (opset 18). */

import { ShapeError } from "../../errors/index.ts";
import type { Value } from "../graph/index.ts";
import { showShape } from "../tensor/index.ts";
import { assertHolds } from "./assert.ts";
import { defineOp, numberTensor, type Op } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";

export interface PadOptions {
  /** elements added before each axis */
  readonly before: readonly number[];
  /** elements added after each axis */
  readonly after: readonly number[];
  /** what they hold; default 0 */
  readonly value?: number;
}

type PadAttrs = {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
};

/**
 * x with a border of `value`.
 *
 * @param x float32, float64, float16, int32, int64, int8, uint8 or bool tensor
 * @param options.before, options.after non-negative integers, one per axis; @param options.value
 *   default 0
 * @returns same dtype
 * @throws DTypeError "dtype/unsupported", "dtype/number" for a value that the dtype cannot hold;
 *   ShapeError "shape/pad"
 */
export const pad: Op<[x: Value, options: PadOptions]> = defineOp({
  name: "pad",
  arguments: (x: Value, { before, after, value = 0 }: PadOptions) => ({
    inputs: [x],
    attrs: { before, after, value },
  }),
  infer: ([x], { before, after, value }: PadAttrs) => {
    const dtype = assertDType("pad", x!, [
      "float32",
      "float64",
      "float16",
      "int32",
      "int64",
      "int8",
      "uint8",
      "bool",
    ]);
    assertHolds("pad", dtype, value);
    const rank = x!.shape.length;
    const fits = (list: readonly number[]): boolean =>
      list.length === rank && list.every((size) => Number.isInteger(size) && size >= 0);
    if (!fits(before) || !fits(after))
      throw new ShapeError("shape/pad", {
        where: "pad",
        rule: `before and after must hold a non-negative integer for each of the ${rank} axes`,
        got: `${showShape(before)} and ${showShape(after)}`,
        fix: "Use 0 for an axis that stays; slice cuts",
        details: { shape: x!.shape, before, after },
      });
    return { dtype, shape: x!.shape.map((size, axis) => size + before[axis]! + after[axis]!) };
  },
  vjp: ({ inputs: [x], attrs: { before }, cotangent, ops }) => [
    ops.slice(cotangent, {
      starts: before,
      ends: before.map((start, axis) => start + x!.shape[axis]!),
    }),
  ],
  toOnnx: ({ emit, inputs: [x], attrs: { before, after, value }, node: { dtype } }) => {
    if (before.length === 0) return emit.node("Identity", [x!]); // Pad takes no scalar
    const fill = emit.constant(numberTensor(value, dtype));
    return emit.node("Pad", [x!, emit.int64([...before, ...after]), fill]);
  },
});
