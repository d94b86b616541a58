/**
 * @file oneHot: class indices as rows of zeros with a single one. ONNX: Equal and Cast (opset 13).
 */

import { ShapeError } from "../../errors/index.ts";
import type { Value } from "../graph/index.ts";
import { onnxDType } from "../onnx/index.ts";
import { type Tensor, zeros } from "../tensor/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";
import { emitReshape } from "./emit.ts";

export interface OneHotOptions {
  /** number of classes */
  readonly depth: number;
}

type OneHotAttrs = { readonly depth: number };

/** @returns 0, 1, …, depth − 1 in the indices' dtype */
function classes(depth: number, dtype: "int32" | "int64"): Tensor {
  const numbers = zeros(dtype, [depth]);
  for (let i = 0; i < depth; i++) numbers.data[i] = dtype === "int64" ? BigInt(i) : i;
  return numbers;
}

/**
 * y[…, c] = 1 where c equals the index, else 0. An index outside 0 … depth − 1, such as −1 for "no
 * label", gives a row of zeros; ONNX's own OneHot would count negative ones from the end.
 *
 * @param indices int32 or int64 of any shape; @param options.depth number of classes, at least 1
 * @returns float32 [...indices, depth]
 * @throws DTypeError "dtype/unsupported"; ShapeError "shape/depth"
 */
export const oneHot: Op<[indices: Value, options: OneHotOptions]> = defineOp({
  name: "oneHot",
  arguments: (indices: Value, { depth }: OneHotOptions) => ({
    inputs: [indices],
    attrs: { depth },
  }),
  infer: ([indices], { depth }: OneHotAttrs) => {
    assertDType("oneHot", indices!, ["int32", "int64"]);
    if (!Number.isInteger(depth) || depth < 1)
      throw new ShapeError("shape/depth", {
        where: "oneHot",
        rule: "depth must be a positive integer",
        got: String(depth),
        fix: "Give the number of classes",
        details: { depth },
      });
    return { dtype: "float32", shape: [...indices!.shape, depth] };
  },
  vjp: { noGradient: "its operand is an index" },
  toOnnx: ({ emit, inputs, attrs: { depth }, node }) => {
    const [indices] = node.inputs;
    const column = emitReshape(emit, inputs[0]!, [...indices!.shape, 1]);
    // infer has checked that it is one of the two
    const numbers = emit.constant(classes(depth, indices!.dtype as "int32" | "int64"));
    const isClass = emit.node("Equal", [column, numbers]);
    return emit.node("Cast", [isClass], { to: BigInt(onnxDType("float32")) });
  },
});
