/**
 * @file batchNormalization: normalisation by given statistics, as in inference. ONNX:
 *   BatchNormalization (opset 15).
 */

import { ConfigError, ShapeError } from "../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { showShape } from "../tensor/index.ts";
import { assertSameDType } from "./assert.ts";
import { defineOp, type Op, type VjpContext } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";
import { assertNoEmptyAxis, assertShape } from "./window.ts";

export interface BatchNormalizationOptions {
  /** added to the variance; default 1e-5, as in PyTorch and ONNX (Keras: 1e-3) */
  readonly epsilon?: number;
}

type BatchNormalizationAttrs = { readonly epsilon: number };

const where = "batchNormalization";

/** @throws ConfigError "config/range" unless epsilon is positive and finite */
export function assertEpsilon(caller: string, epsilon: number): number {
  if (!(epsilon > 0 && Number.isFinite(epsilon)))
    throw new ConfigError("config/range", {
      where: caller,
      rule: "epsilon must be a positive finite number",
      got: String(epsilon),
      details: { epsilon },
    });
  return epsilon;
}

/**
 * @throws ShapeError "shape/rank" unless x has a batch axis and a channel axis. @returns the number
 *   of channels
 */
export function channelsOf(caller: string, x: TensorType): number {
  const channels = x.shape[1];
  if (channels === undefined)
    throw new ShapeError("shape/rank", {
      where: caller,
      rule: "the operand must have at least 2 axes [batch, channels, ...]",
      got: showShape(x.shape),
      fix: "Reshape it",
      details: { shape: x.shape },
    });
  return channels;
}

function infer(inputs: readonly TensorType[], _attrs: BatchNormalizationAttrs): TensorType {
  const x = inputs[0]!;
  const dtype = assertSameDType(where, ...inputs);
  assertDType(where, x, ["float32"]);
  const channels = channelsOf(where, x);
  assertNoEmptyAxis(where, x);
  for (const [position, name] of ["scale", "bias", "mean", "variance"].entries())
    assertShape(where, name, inputs[position + 1]!, [channels]);
  return { dtype, shape: x.shape };
}

function vjp({ inputs, attrs, cotangent, ops }: VjpContext<BatchNormalizationAttrs>): Value[] {
  const [x, scale, , mean, variance] = inputs;
  // [channels] against [batch, channels, ...]
  const spread = x!.shape.map((_, axis) => (axis === 1 ? -1 : 1));
  const axes = x!.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const squared = ops.add(variance!, attrs.epsilon); // [channels], as all below
  const deviation = ops.sqrt(squared);
  const gain = ops.div(scale!, deviation);
  const centred = ops.sub(x!, ops.reshape(mean!, spread));
  const sum = ops.reduceSum(cotangent, { axes });
  const correlation = ops.reduceSum(ops.mul(cotangent, centred), { axes });
  return [
    ops.mul(cotangent, ops.reshape(gain, spread)),
    ops.div(correlation, deviation),
    sum,
    ops.neg(ops.mul(sum, gain)),
    ops.mul(ops.mul(correlation, ops.div(gain, squared)), -0.5),
  ];
}

/**
 * y = (x − mean[c]) / √(variance[c] + ε) · scale[c] + bias[c] for each channel c, with statistics
 * given from outside. For training, where they come from the batch, take `batchNormTraining`.
 *
 * @param x float32 [batch, channels, ...]
 * @param scale float32 [channels]; @param bias float32 [channels]
 * @param mean float32 [channels]; @param variance float32 [channels], not negative
 * @param options.epsilon ε > 0, default 1e-5
 * @returns float32, the shape of x
 * @throws ShapeError "shape/rank", "shape/empty", "shape/mismatch"; DTypeError "dtype/mismatch",
 *   "dtype/unsupported"; ConfigError "config/range"
 * @see Ioffe, Szegedy (2015), Batch Normalization, algorithm 2, arXiv:1502.03167
 */
export const batchNormalization: Op<
  [
    x: Value,
    scale: Value,
    bias: Value,
    mean: Value,
    variance: Value,
    options?: BatchNormalizationOptions,
  ]
> = defineOp({
  name: "batchNormalization",
  arguments: (
    x: Value,
    scale: Value,
    bias: Value,
    mean: Value,
    variance: Value,
    { epsilon = 1e-5 }: BatchNormalizationOptions = {},
  ) => ({
    inputs: [x, scale, bias, mean, variance],
    attrs: { epsilon: assertEpsilon(where, epsilon) },
  }),
  infer,
  vjp,
  toOnnx: ({ emit, inputs, attrs }) =>
    emit.node("BatchNormalization", inputs, { epsilon: attrs.epsilon }),
});
