/**
 * @file gemm: matrix product of two matrices plus an addend; dense layers use it. ONNX: Gemm (opset
 * 13).
 */

import { ShapeError } from "../../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { showShape } from "../tensor/index.ts";
import { assertFloat, assertRank, assertSameDType } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";
import { broadcastsTo } from "./elementwise-rule.ts";

export interface GemmOptions {
  /** added to the product, broadcast to its shape: a bias [columns] */
  readonly c?: Value;
  /** use aᵀ in place of a; default false */
  readonly transA?: boolean;
  /** use bᵀ in place of b; default false */
  readonly transB?: boolean;
}

type GemmAttrs = {
  readonly transA: boolean;
  readonly transB: boolean;
  /** β, factor of c, 1 if absent; nobody but compile/passes/add-into-gemm.ts sets it */
  readonly beta?: number;
};

function gemmType([a, b, c]: readonly TensorType[], attrs: GemmAttrs): TensorType {
  const operands = c === undefined ? [a!, b!] : [a!, b!, c];
  const dtype = assertSameDType("gemm", ...operands);
  assertFloat("gemm", a!);
  assertRank("gemm", a!, 2, attrs.transA ? "[inner, rows]" : "[rows, inner]");
  assertRank("gemm", b!, 2, attrs.transB ? "[columns, inner]" : "[inner, columns]");
  const [rows, inner] = attrs.transA ? a!.shape.toReversed() : a!.shape;
  const [innerOfB, columns] = attrs.transB ? b!.shape.toReversed() : b!.shape;
  if (inner !== innerOfB)
    throw new ShapeError("shape/inner", {
      where: "gemm",
      rule: "the inner sizes of op(a) and op(b) must be equal",
      got: `${inner} of ${showShape(a!.shape)} and ${innerOfB} of ${showShape(b!.shape)}`,
      fix: "Set transA or transB, or correct the layer's sizes",
      details: { shapes: [a!.shape, b!.shape], ...attrs },
    });
  const shape = [rows!, columns!];
  if (c !== undefined && !broadcastsTo(c.shape, shape))
    throw new ShapeError("shape/broadcast", {
      where: "gemm",
      rule: `c must broadcast to the product's shape ${showShape(shape)}`,
      got: showShape(c.shape),
      fix: "Give a bias one element per column",
      details: { shapes: [c.shape, shape] },
    });
  return { dtype, shape };
}

/**
 * y = op(a) · op(b) + c, op the identity or the transpose.
 *
 * @param a float [rows, inner], or [inner, rows] with transA
 * @param b float [inner, columns], or [columns, inner] with transB
 * @param options.c float, broadcasts to [rows, columns]; absent by default
 * @returns float [rows, columns]
 * @throws DTypeError "dtype/float", "dtype/mismatch"; ShapeError "shape/rank", "shape/inner",
 *   "shape/broadcast"
 */
export const gemm: Op<[a: Value, b: Value, options?: GemmOptions]> = defineOp({
  name: "gemm",
  arguments: (a: Value, b: Value, options: GemmOptions = {}) => {
    const { c, transA = false, transB = false } = options;
    const attrs: GemmAttrs = { transA, transB };
    return { inputs: c === undefined ? [a, b] : [a, b, c], attrs };
  },
  infer: gemmType,
  // With A = op(a), B = op(b): dA = g Bᵀ, dB = Aᵀ g, each transposed as the operand was; dc = β g.
  vjp: ({ inputs: [a, b, c], attrs: { transA, transB, beta }, cotangent, ops }) => {
    const toA = transA
      ? ops.gemm(b!, cotangent, { transA: transB, transB: true })
      : ops.gemm(cotangent, b!, { transB: !transB });
    const toB = transB
      ? ops.gemm(cotangent, a!, { transA: true, transB: transA })
      : ops.gemm(a!, cotangent, { transA: !transA });
    const toC = beta === undefined ? cotangent : ops.mul(cotangent, beta);
    return c === undefined ? [toA, toB] : [toA, toB, toC];
  },
  toOnnx: ({ emit, inputs, attrs }) =>
    emit.node("Gemm", inputs, {
      ...(attrs.transA ? { transA: 1n } : {}),
      ...(attrs.transB ? { transB: 1n } : {}),
      ...(attrs.beta === undefined ? {} : { beta: attrs.beta }),
    }),
});
