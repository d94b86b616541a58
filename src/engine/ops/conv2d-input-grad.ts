/**
 * @file conv2dInputGrad: the gradient of conv2d with respect to its input (transposed convolution).
 *   ONNX: ConvTranspose
 * (opset 11), or Conv with the flipped kernel where the stride is 1.
 */

import { ShapeError } from "../../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { showShape } from "../tensor/index.ts";
import { assertSameDType } from "./assert.ts";
import { assertGroups, type Conv2dAttrs, type Conv2dOptions, convAttrs } from "./conv2d-rule.ts";
import { defineOp, type OnnxContext, type Op } from "./define-op.ts";
import { hasToeplitz, toeplitzInputGrad, toeplitzIsQuicker } from "./depthwise-toeplitz.ts";
import { assertDType } from "./elementwise-rule.ts";
import { type Emit, ints } from "./emit.ts";
import {
  assertNoEmptyAxis,
  assertShape,
  reachOf,
  type Size2d,
  type Window,
  windowOutput,
} from "./window.ts";

export type Conv2dInputGradAttrs = Conv2dAttrs & { readonly inputSize: Size2d };
type Context = OnnxContext<Conv2dInputGradAttrs>;

type Size4d = readonly [number, number, number, number];

const where = "conv2dInputGrad";

function infer([dy, kernel]: readonly TensorType[], attrs: Conv2dInputGradAttrs): TensorType {
  const dtype = assertSameDType(where, dy!, kernel!);
  assertDType(where, dy!, ["float32"]);
  assertNoEmptyAxis(where, dy!, kernel!);
  const [outputs, perGroup] = [kernel!.shape[0]!, kernel!.shape[1]!];
  const channels = perGroup * attrs.groups;
  assertGroups(where, channels, outputs, attrs.groups);
  if (!attrs.inputSize.every((count) => Number.isInteger(count) && count >= 1))
    throw new ShapeError("shape/window", {
      where,
      rule: "inputSize must be integers of at least 1",
      got: showShape(attrs.inputSize),
      fix: "Give height and width of the convolution's input",
      details: { inputSize: attrs.inputSize },
    });
  const size = windowOutput(where, attrs.inputSize, attrs);
  assertShape(where, "dy", dy!, [dy!.shape[0] ?? 1, outputs, ...size]);
  return { dtype, shape: [dy!.shape[0]!, channels, ...attrs.inputSize] };
}

/**
 * Padding of the stride-1 convolution that undoes the original one; negative where the kernel is
 * smaller than the padding.
 */
export function flippedPads(attrs: Conv2dInputGradAttrs): Window["padding"] {
  const [height, width] = reachOf(attrs);
  const [top, left, bottom, right] = attrs.padding;
  return [height - 1 - top, width - 1 - left, height - 1 - bottom, width - 1 - right];
}

/** @returns the kernel with both its axes of places reversed */
export function flippedKernel(emit: Emit, kernel: string): string {
  const far = -1_000_000; // ends before the first element, walking backwards
  const [first, end] = [emit.int64([-1, -1]), emit.int64([far, far])];
  return emit.node("Slice", [kernel, first, end, emit.int64([2, 3]), emit.int64([-1, -1])]);
}

function flippedConv({ emit, inputs: [dy, kernel], attrs, node }: Context): string {
  const { groups } = attrs;
  const [out, perGroup, height, width] = node.inputs[1]!.shape as Size4d; // infer saw rank 4
  const flipped = flippedKernel(emit, kernel!); // [out, in/groups, kernelHeight, kernelWidth]
  return emit.node("Conv", [dy!, transposeKernel()], {
    kernel_shape: ints(attrs.kernel),
    pads: ints(flippedPads(attrs)),
    dilations: ints(attrs.dilations),
    group: BigInt(groups),
  });

  function transposeKernel(): string {
    if (groups === out && perGroup === 1) return flipped;
    if (groups === 1) return emit.node("Transpose", [flipped], { perm: ints([1, 0, 2, 3]) });
    const split = emit.int64([groups, out / groups, perGroup, height, width]);
    const swapped = emit.node("Transpose", [emit.node("Reshape", [flipped, split])], {
      perm: ints([0, 2, 1, 3, 4]),
    }); // [groups, in/groups, out/groups, kernelHeight, kernelWidth]
    const joined = emit.int64([groups * perGroup, out / groups, height, width]);
    return emit.node("Reshape", [swapped, joined]); // [in, out/groups, kernelHeight, kernelWidth]
  }
}

function convTranspose({ emit, inputs, attrs, node }: Context): string {
  const reach = reachOf(attrs);
  const [top, left, bottom, right] = attrs.padding;
  const padded = [attrs.inputSize[0] + top + bottom, attrs.inputSize[1] + left + right] as const;
  const dy = node.inputs[0]!.shape;
  // Rows and columns at the end that no window reached: less than a stride of them.
  const unreached = ([0, 1] as const).map(
    (axis) => padded[axis] - reach[axis] - attrs.strides[axis] * (dy[axis + 2]! - 1),
  );
  return emit.node("ConvTranspose", inputs, {
    kernel_shape: ints(attrs.kernel),
    strides: ints(attrs.strides),
    pads: ints(attrs.padding),
    dilations: ints(attrs.dilations),
    output_padding: ints(unreached),
    group: BigInt(attrs.groups),
  });
}

/**
 * A stride of 1 and no more padding than the kernel reaches, else the flipped form does not exist.
 */
export function canFlip(attrs: Conv2dInputGradAttrs): boolean {
  return attrs.strides.every((s) => s === 1) && flippedPads(attrs).every((pad) => pad >= 0);
}

/**
 * Conv copies out · kernel elements a place, ConvTranspose in · kernel, the latter more slowly.
 * Measured on 14 shapes, ConvTranspose / flipped Conv: depthwise 0.9-1.9 (1 thread), 1x1 1.2-1.4,
 * as many inputs as outputs 0.9-1.35 (2.5 with 2 threads), half as many inputs 0.75-0.87.
 */
function flipIsQuicker(node: Value, attrs: Conv2dInputGradAttrs): boolean {
  const [out, perGroup] = node.inputs[1]!.shape as Size4d; // infer saw rank 4
  const onePixel = attrs.kernel[0] === 1 && attrs.kernel[1] === 1;
  return onePixel || out <= perGroup * attrs.groups;
}

function toOnnx(context: Context): string {
  const { form, attrs, node, emit, inputs } = context;
  const conv = { x: node, y: node.inputs[0]!, attrs };
  const dense = form === "toeplitz" || (form === "training" && toeplitzIsQuicker(conv));
  if (dense && hasToeplitz(conv)) return toeplitzInputGrad(emit, conv, inputs[0]!, inputs[1]!);
  if (form === "conv-transpose") return convTranspose(context);
  const flip = form === "flipped-conv" || flipIsQuicker(node, attrs);
  return flip && canFlip(attrs) ? flippedConv(context) : convTranspose(context);
}

/**
 * Gradient of conv2d with respect to its input: every element of dy is spread through the kernel,
 *
 *   dx[n, g·C + c, i·s + a·d − top, j·s + b·d − left] += dy[n, o, i, j] · kernel[o, c, a, b]
 *
 * Forms: "by-shape" takes the one that is quicker for most such shapes; "conv-transpose";
 * "flipped-conv", which exists for stride 1 and is "conv-transpose" elsewhere; "toeplitz"
 * (depthwise-toeplitz.ts), which exists where every channel has a kernel of its own and is
 * "by-shape" elsewhere; "training": "toeplitz" where that is quicker for the batch of the graph,
 * else "by-shape".
 *
 * @param dy float32 [batch, out, height', width'], as conv2d gives for these options
 * @param kernel float32 [out, in/groups, kernelHeight, kernelWidth]
 * @param inputSize [height, width] of the convolution's input
 * @param options the convolution's strides, padding, dilations and groups
 * @returns float32 [batch, in, height, width]
 * @throws the errors of conv2d; ShapeError "shape/window" for an inputSize that is none
 */
export const conv2dInputGrad: Op<
  [dy: Value, kernel: Value, inputSize: Size2d, options?: Conv2dOptions]
> = defineOp({
  name: "conv2dInputGrad",
  arguments: (dy: Value, kernel: Value, inputSize: Size2d, options: Conv2dOptions = {}) => ({
    inputs: [dy, kernel],
    attrs: { ...convAttrs(where, inputSize, kernel, options), inputSize },
  }),
  infer,
  // The operator is linear in each operand, so conv2d and its weight gradient are its derivatives.
  vjp: ({ inputs: [dy, kernel], attrs, cotangent, ops }) => {
    const { kernel: kernelSize, inputSize: _, ...options } = attrs;
    return [
      ops.conv2d(cotangent, kernel!, options),
      ops.conv2dWeightGrad(cotangent, dy!, kernelSize, options),
    ];
  },
  toOnnx,
  forms: ["by-shape", "conv-transpose", "flipped-conv", "toeplitz", "training"],
});
