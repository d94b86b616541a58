/**
 * @file conv2dWeightGrad: the gradient of conv2d with respect to its kernel. Its ONNX forms are in
 *   conv2d-weight-grad-forms.ts.
 */

import type { TensorType, Value } from "../graph/index.ts";
import { assertSameDType } from "./assert.ts";
import { assertGroups, type Conv2dAttrs, type Conv2dOptions, convAttrsOf } from "./conv2d-rule.ts";
import { emitWeightGrad, weightGradForms } from "./conv2d-weight-grad-forms.ts";
import { defineOp, type Op } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";
import { assertNoEmptyAxis, assertShape, imageSize, type Size2d, windowOutput } from "./window.ts";

const where = "conv2dWeightGrad";

function infer([x, dy]: readonly TensorType[], attrs: Conv2dAttrs): TensorType {
  const dtype = assertSameDType(where, x!, dy!);
  assertDType(where, x!, ["float32"]);
  assertNoEmptyAxis(where, x!, dy!);
  imageSize(where, dy!);
  const [channels, outputs] = [x!.shape[1]!, dy!.shape[1]!];
  assertGroups(where, channels, outputs, attrs.groups);
  const size = windowOutput(where, imageSize(where, x!), attrs);
  assertShape(where, "dy", dy!, [x!.shape[0]!, outputs, ...size]);
  return { dtype, shape: [outputs, channels / attrs.groups, ...attrs.kernel] };
}

/**
 * Gradient of conv2d with respect to its kernel: the input and the output's gradient correlated
 * over batch and places,
 *
 *   dkernel[o, c, a, b] = Σ_n,i,j  dy[n, o, i, j]
 *                           · x[n, g·C + c, i·s + a·d − top, j·s + b·d − left]
 *
 * @param x float32 [batch, in, height, width]
 * @param dy float32 [batch, out, height', width'], as conv2d gives for these options
 * @param kernelSize [kernelHeight, kernelWidth]
 * @param options the convolution's strides, padding, dilations and groups
 * @returns float32 [out, in/groups, kernelHeight, kernelWidth]
 * @throws the errors of conv2d
 */
export const conv2dWeightGrad: Op<
  [x: Value, dy: Value, kernelSize: Size2d, options?: Conv2dOptions]
> = defineOp({
  name: "conv2dWeightGrad",
  arguments: (x: Value, dy: Value, kernelSize: Size2d, options: Conv2dOptions = {}) => ({
    inputs: [x, dy],
    attrs: convAttrsOf(where, imageSize(where, x), kernelSize, options),
  }),
  infer,
  // The operator is linear in each operand: the cotangent stands where the kernel stood.
  vjp: ({ inputs: [x, dy], attrs, cotangent, ops }) => {
    const { kernel: _, ...options } = attrs;
    return [
      ops.conv2dInputGrad(dy!, cotangent, imageSize(where, x!), options),
      ops.conv2d(x!, cotangent, options),
    ];
  },
  toOnnx: emitWeightGrad,
  forms: weightGradForms,
});
