/**
 * @file fakeQuantize: numbers moved to the nearest one that a quantised network can hold. ONNX:
 * Div, Round, Add, Clip, Sub, Mul.
 */

import { ConfigError, ShapeError } from "../../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { type DType, type Shape, showShape } from "../tensor/index.ts";
import { assertSameDType } from "./assert.ts";
import {
  asValue,
  defineOp,
  numberTensor,
  type Op,
  type Operand,
  type VjpContext,
} from "./define-op.ts";
import { assertDType, broadcastsTo } from "./elementwise-rule.ts";

/** The integers that are there: −128 … 127 for int8. */
export type FakeQuantizeLimits = { readonly min: number; readonly max: number };

const where = "fakeQuantize";

const dtypes: readonly DType[] = ["float32", "float64"];

function infer(
  [x, scale, zeroPoint]: readonly TensorType[],
  { min, max }: FakeQuantizeLimits,
): TensorType {
  const dtype = assertSameDType(where, x!, scale!, zeroPoint!);
  assertDType(where, x!, dtypes);
  assertSpreads("scale", scale!.shape, x!.shape);
  assertSpreads("zeroPoint", zeroPoint!.shape, x!.shape);
  if (!(Number.isInteger(min) && Number.isInteger(max) && min < max))
    throw new ConfigError("config/range", {
      where,
      rule: "min and max must be integers, min below max",
      got: `${min} and ${max}`,
      fix: "int8 has −128 and 127",
      details: { min, max },
    });
  return { shape: x!.shape, dtype };
}

function assertSpreads(name: string, shape: Shape, to: Shape): void {
  if (broadcastsTo(shape, to)) return;
  throw new ShapeError("shape/broadcast", {
    where,
    rule: `${name} must spread over x, ${showShape(to)}`,
    got: showShape(shape),
    fix: "Give a scalar, or one per channel with the other axes 1: [channels, 1, 1, 1]",
    details: { shape, to },
  });
}

/** Straight through inside the limits; scale and zero point as in LSQ and LSQ+. */
function vjp({
  inputs: [x, scale, zeroPoint],
  attrs: { min, max },
  output,
  cotangent,
  ops,
}: VjpContext<FakeQuantizeLimits>): Value[] {
  const integer = ops.add(rounded(x!, scale!, ops), zeroPoint!);
  const inside = ops.and(ops.greaterOrEqual(integer, min), ops.greaterOrEqual(max, integer));
  const passed = ops.where(inside, cotangent, 0);
  const steps = ops.div(output, scale!); // round(x / scale), or the limit's distance from zero
  const perScale = ops.where(inside, ops.sub(steps, ops.div(x!, scale!)), steps);
  const perZeroPoint = ops.where(inside, 0, ops.mul(cotangent, ops.neg(scale!)));
  return [passed, ops.mul(cotangent, perScale), perZeroPoint];
}

/**
 * round(x / scale), by this operator itself: no other rounds, and within ±2^24 float32 counts in
 * ones
 */
function rounded(x: Value, scale: Value, ops: VjpContext<FakeQuantizeLimits>["ops"]): Value {
  const one = asValue(1, x.dtype);
  return ops.fakeQuantize(ops.div(x, scale), one, 0, { min: -(2 ** 24), max: 2 ** 24 });
}

/**
 * y = (clamp(round(x / scale) + zeroPoint, min, max) − zeroPoint) · scale, halves rounded to even
 * as by ONNX's QuantizeLinear.
 *
 * Derivatives: round counts as the identity ("straight-through"). With q = round(x / scale) +
 * zeroPoint, and C the clamped q,
 *
 *   ∂y/∂x = 1 where min ≤ q ≤ max, else 0
 *   ∂y/∂scale = round(x / scale) − x / scale inside, C − zeroPoint outside
 *   ∂y/∂zeroPoint = 0 inside, −scale outside
 *
 * A scale computed from x passes no gradient to x if it goes through stopGradient first.
 *
 * @param x float32 or float64 tensor of any shape
 * @param scale above 0, same dtype, spreads over x: [] for one, [channels, 1, 1, 1] for one a
 *   channel
 * @param zeroPoint an integer in [min, max] as a float, likewise, or a number; 0 is symmetric
 * @param limits the integers that are there: {min: −128, max: 127}
 * @returns same dtype and shape as x
 * @throws DTypeError "dtype/mismatch", "dtype/unsupported"; ShapeError "shape/broadcast";
 *   ConfigError "config/range" unless the limits are integers in order
 * @see Jacob et al. (2018), §3, arXiv:1712.05877; Esser et al. (2020), Learned Step Size
 *   Quantization, eq. 3, arXiv:1902.08153; Bhalgat et al. (2020), LSQ+, arXiv:2004.09576
 */
export const fakeQuantize: Op<
  [x: Value, scale: Operand, zeroPoint: Operand, limits: FakeQuantizeLimits]
> = defineOp({
  name: where,
  arguments: (x: Value, scale: Operand, zeroPoint: Operand, { min, max }: FakeQuantizeLimits) => {
    assertDType(where, x, dtypes); // before a scale of 0.1 is refused beside integers
    return {
      inputs: [x, asValue(scale, x.dtype), asValue(zeroPoint, x.dtype)],
      attrs: { min, max },
    };
  },
  infer,
  vjp,
  toOnnx: ({ emit, inputs: [x, scale, zeroPoint], attrs: { min, max }, node }) => {
    const limit = (value: number): string => emit.constant(numberTensor(value, node.dtype));
    const steps = emit.node("Round", [emit.node("Div", [x!, scale!])]);
    const shifted = emit.node("Add", [steps, zeroPoint!]);
    const clamped = emit.node("Clip", [shifted, limit(min), limit(max)]);
    return emit.node("Mul", [emit.node("Sub", [clamped, zeroPoint!]), scale!]);
  },
  elementwise: true,
});
