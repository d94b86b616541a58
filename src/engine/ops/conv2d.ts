/** @file conv2d: two-dimensional cross-correlation with groups. ONNX: Conv (opset 11). */

import type { TensorType, Value } from "../graph/index.ts";
import { assertSameDType } from "./assert.ts";
import {
  assertConvChannels,
  type Conv2dAttrs,
  type Conv2dOptions,
  convAttrs,
} from "./conv2d-rule.ts";
import { defineOp, type OnnxContext, type Op } from "./define-op.ts";
import { hasToeplitz, toeplitzConv, toeplitzIsQuicker } from "./depthwise-toeplitz.ts";
import { assertDType } from "./elementwise-rule.ts";
import { ints } from "./emit.ts";
import { assertNoEmptyAxis, assertShape, imageSize, windowOutput } from "./window.ts";

type Conv2dCall = Conv2dOptions & { readonly bias?: Value };

function infer(inputs: readonly TensorType[], attrs: Conv2dAttrs): TensorType {
  const [x, kernel, bias] = [inputs[0]!, inputs[1]!, inputs[2]];
  const dtype = assertSameDType("conv2d", ...inputs);
  assertDType("conv2d", x, ["float32"]);
  assertNoEmptyAxis("conv2d", ...inputs);
  assertConvChannels("conv2d", x.shape[1]!, kernel, attrs.groups);
  const channels = kernel.shape[0]!;
  if (bias !== undefined) assertShape("conv2d", "bias", bias, [channels]);
  const size = windowOutput("conv2d", imageSize("conv2d", x), attrs);
  return { dtype, shape: [x.shape[0]!, channels, ...size] };
}

function operator({ emit, inputs, attrs }: OnnxContext<Conv2dAttrs>): string {
  return emit.node("Conv", inputs, {
    kernel_shape: ints(attrs.kernel),
    strides: ints(attrs.strides),
    pads: ints(attrs.padding),
    dilations: ints(attrs.dilations),
    group: BigInt(attrs.groups),
  });
}

function toOnnx(context: OnnxContext<Conv2dAttrs>): string {
  const { form, node, attrs, emit } = context;
  const conv = { x: node.inputs[0]!, y: node, attrs };
  const [x, kernel, bias] = [context.inputs[0]!, context.inputs[1]!, context.inputs[2]];
  const dense = form === "toeplitz" || (form === "training" && toeplitzIsQuicker(conv));
  if (!dense || !hasToeplitz(conv)) return operator(context);
  const y = toeplitzConv(emit, conv, x, kernel);
  if (bias === undefined) return y;
  const spread = emit.node("Reshape", [bias, emit.int64([attrs.groups, 1, 1])]);
  return emit.node("Add", [y, spread]);
}

/**
 * Two-dimensional convolution as neural networks mean it (no kernel flip):
 *
 *   y[n, o, i, j] = bias[o]
 *     + Σ_c,a,b  x[n, g·C + c, i·s + a·d − top, j·s + b·d − left] · kernel[o, c, a, b]
 *
 * with C = in/groups and g = the group of output channel o; x is zero outside the image.
 *
 * Forms: "operator" is one Conv; "toeplitz" (depthwise-toeplitz.ts), which exists where every
 * channel has a kernel of its own and is "operator" elsewhere; "training" takes the quicker of both
 * for the batch of the graph.
 *
 * @param x float32 [batch, in, height, width]
 * @param kernel float32 [out, in/groups, kernelHeight, kernelWidth]
 * @param options.bias float32 [out]; default none
 * @param options.strides default 1; options.dilations default 1; options.padding default "valid"
 * @param options.groups default 1; `in` for a depthwise convolution
 * @returns float32 [batch, out, height', width'],
 *   height' = floor((height + padding − reach) / stride) + 1
 * @throws ShapeError "shape/rank", "shape/empty", "shape/mismatch", "shape/groups", "shape/window";
 *   DTypeError "dtype/mismatch", "dtype/unsupported"; ConfigError "config/range"
 */
export const conv2d: Op<[x: Value, kernel: Value, options?: Conv2dCall]> = defineOp({
  name: "conv2d",
  arguments: (x: Value, kernel: Value, options: Conv2dCall = {}) => ({
    inputs: options.bias === undefined ? [x, kernel] : [x, kernel, options.bias],
    attrs: convAttrs("conv2d", imageSize("conv2d", x), kernel, options),
  }),
  infer,
  vjp: ({ inputs, attrs, cotangent, ops }) => {
    const [x, kernel, bias] = [inputs[0]!, inputs[1]!, inputs[2]];
    const { kernel: kernelSize, ...options } = attrs;
    const cotangents = [
      ops.conv2dInputGrad(cotangent, kernel, imageSize("conv2d", x), options),
      ops.conv2dWeightGrad(x, cotangent, kernelSize, options),
    ];
    return bias === undefined
      ? cotangents
      : [...cotangents, ops.reduceSum(cotangent, { axes: [0, 2, 3] })]; // [out]
  },
  toOnnx,
  forms: ["operator", "toeplitz", "training"],
});
