/** @file concat: tensors one after another along an axis. ONNX: Concat (opset 13). */

import { ShapeError } from "../../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { normalizeAxis, showShape } from "../tensor/index.ts";
import { assertSameDType } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";

type ConcatAttrs = { readonly axis: number };

function concatType(values: readonly TensorType[], { axis }: ConcatAttrs): TensorType {
  const dtype = assertSameDType("concat", ...values);
  const [first] = values;
  const fits = values.every(
    ({ shape }) =>
      shape.length === first!.shape.length &&
      shape.every((size, i) => i === axis || size === first!.shape[i]),
  );
  if (!fits)
    throw new ShapeError("shape/mismatch", {
      where: "concat",
      rule: `shapes must be equal except at axis ${axis}`,
      got: values.map(({ shape }) => showShape(shape)).join(" and "),
      fix: "Make the other sizes agree",
      details: { shapes: values.map(({ shape }) => shape), axis },
    });
  const total = values.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  return { dtype, shape: first!.shape.map((size, i) => (i === axis ? total : size)) };
}

/**
 * The tensors one after another along `axis`.
 *
 * @param values at least one tensor, same dtype, same shape except at the axis
 * @param axis default 0
 * @returns the shape with the axis' sizes added
 * @throws DTypeError "dtype/mismatch"; ShapeError "shape/axis", "shape/mismatch", "shape/operands"
 *   for an empty list
 */
export const concat: Op<[values: readonly Value[], axis?: number]> = defineOp({
  name: "concat",
  arguments: (values: readonly Value[], axis = 0) => {
    if (values.length === 0)
      throw new ShapeError("shape/operands", {
        where: "concat",
        rule: "there must be at least one tensor",
        got: "none",
      });
    return {
      inputs: values,
      attrs: { axis: normalizeAxis("concat", axis, values[0]!.shape.length) },
    };
  },
  infer: concatType,
  vjp: ({ inputs, attrs: { axis }, cotangent, ops }) => {
    let start = 0;
    return inputs.map((value) => {
      const end = start + value.shape[axis]!;
      const part = ops.slice(cotangent, { starts: [start], ends: [end], axes: [axis] });
      start = end;
      return part;
    });
  },
  toOnnx: ({ emit, inputs, attrs }) => emit.node("Concat", inputs, { axis: BigInt(attrs.axis) }),
});
