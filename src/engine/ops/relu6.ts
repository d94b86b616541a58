/** @file relu6: rectified linear unit cut at 6. ONNX: Clip (opset 13). */

import type { Value } from "../graph/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, numberTensor, type Op } from "./define-op.ts";

/**
 * y = min(max(x, 0), 6), element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float" for an integer tensor
 * @see Krizhevsky (2010), Convolutional Deep Belief Networks on CIFAR-10
 */
export const relu6: Op<[x: Value]> = defineOp({
  name: "relu6",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => ({ shape: x!.shape, dtype: assertFloat("relu6", x!) }),
  // 1 strictly between the kinks, else 0, as in PyTorch
  vjp: ({ output, cotangent, ops }) => [
    ops.where(ops.and(ops.greater(output, 0), ops.less(output, 6)), cotangent, 0),
  ],
  toOnnx: ({ emit, inputs, node: { dtype } }) =>
    emit.node("Clip", [
      inputs[0]!,
      emit.constant(numberTensor(0, dtype)),
      emit.constant(numberTensor(6, dtype)),
    ]),
  elementwise: true,
});
