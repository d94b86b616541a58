/**
 * @file batchNormalization: normalisation by given statistics, as in inference. ONNX:
 *   BatchNormalization (opset 15).
 */

import type { Value } from "../graph/index.ts";
import { type BatchNormalizationAttrs, type BatchOp, defineBatchOp } from "./batch-rule.ts";
import type { VjpContext } from "./define-op.ts";

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
export const batchNormalization: BatchOp = defineBatchOp("batchNormalization", vjp);
