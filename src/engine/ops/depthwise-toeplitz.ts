/**
 * @file Depthwise convolution and its two gradients on small images, as dense products.
 *
 * Each channel c has a matrix T[c] of [input places, output places] that holds kernel tap (a, b)
 * wherever the tap leads from an input place to an output place, and zeros elsewhere (a Toeplitz
 * matrix, if there are no borders). With images as rows, channel by channel,
 *
 *   Y[c] = X[c] · T[c]        dX[c] = dY[c] · T[c]ᵀ        dkernel[c] = S · (X[c]ᵀ · dY[c])
 *
 * T = kernel · S, where S, [taps, input places · output places], is a constant of zeros and ones
 * that says which tap connects which places. Nothing is padded or sliced. ONNX Runtime builds T
 * once for the convolution and its input gradient.
 *
 * Times as multiples of the other forms' (Conv, flipped Conv and row-gram), all three together,
 * 3x3, batch 64, one thread, onnxruntime-node 1.30 on two AVX-512 cores: 0.36 (64 channels, 25x5),
 * 0.38 (16 channels, 25x5), 0.83 (64 channels, 12x12), 1.7 (64 channels, 16x16); two threads: 0.30,
 * 0.64, 0.65, 1.5.
 */

import type { Value } from "../graph/index.ts";
import { type Tensor, tensor } from "../tensor/index.ts";
import type { Conv2dAttrs } from "./conv2d-rule.ts";
import { type Emit, ints } from "./emit.ts";
import type { Size2d } from "./window.ts";

/** A depthwise convolution x → y: its two images as graph values, and its window. */
interface DepthwiseConv {
  /** [batch, channels, height, width] */
  readonly x: Pick<Value, "shape">;
  /** [batch, channels, height', width'] */
  readonly y: Pick<Value, "shape">;
  readonly attrs: Conv2dAttrs;
}

/** Whether the form exists: every channel has a kernel of its own. */
export function hasToeplitz({ x, y, attrs }: DepthwiseConv): boolean {
  return attrs.groups > 1 && attrs.groups === x.shape[1] && attrs.groups === y.shape[1];
}

/**
 * A product costs as many operations an output as there are input places, and building T as many as
 * taps / batch times that; the other forms cost the same on every size.
 */
const mostWork = 170;

/** Whether the form exists and is quicker than the others in training; see the file's comment. */
export function toeplitzIsQuicker(conv: DepthwiseConv): boolean {
  const taps = conv.attrs.kernel[0] * conv.attrs.kernel[1];
  const work = placesOf(conv.x) * (1 + taps / conv.x.shape[0]!);
  return hasToeplitz(conv) && work <= mostWork;
}

/** @returns y: [batch, channels, height', width'], without bias */
export function toeplitzConv(emit: Emit, conv: DepthwiseConv, x: string, kernel: string): string {
  const product = emit.node("MatMul", [imagesAsRows(emit, x), toeplitz(emit, conv, kernel)]);
  return rowsAsImages(emit, product, sizeOf(conv.y));
}

/** @returns dx: [batch, channels, height, width] */
export function toeplitzInputGrad(
  emit: Emit,
  conv: DepthwiseConv,
  dy: string,
  kernel: string,
): string {
  const matrix = emit.node("Transpose", [toeplitz(emit, conv, kernel)], { perm: ints([0, 2, 1]) });
  const product = emit.node("MatMul", [imagesAsRows(emit, dy), matrix]);
  return rowsAsImages(emit, product, sizeOf(conv.x));
}

/** @returns dkernel: [channels, 1, kernelHeight, kernelWidth] */
export function toeplitzWeightGrad(emit: Emit, conv: DepthwiseConv, x: string, dy: string): string {
  const channels = conv.attrs.groups;
  const turned = emit.node("Transpose", [imagesAsRows(emit, x)], { perm: ints([0, 2, 1]) });
  // [channels, input places, output places]: how every place of x goes with every place of dy
  const pairs = emit.node("MatMul", [turned, imagesAsRows(emit, dy)]);
  const places = placesOf(conv.x) * placesOf(conv.y);
  const flat = emit.node("Reshape", [pairs, emit.int64([channels, places])]);
  const sums = emit.node("Gemm", [flat, emit.constant(selection(conv))], { transB: 1n });
  return emit.node("Reshape", [sums, emit.int64([channels, 1, ...conv.attrs.kernel])]);
}

/** @returns T: [channels, input places, output places] */
function toeplitz(emit: Emit, conv: DepthwiseConv, kernel: string): string {
  const { groups: channels, kernel: size } = conv.attrs;
  const flat = emit.node("Reshape", [kernel, emit.int64([channels, size[0] * size[1]])]);
  const matrices = emit.node("Gemm", [flat, emit.constant(selection(conv))]);
  return emit.node("Reshape", [
    matrices,
    emit.int64([channels, placesOf(conv.x), placesOf(conv.y)]),
  ]);
}

/** @returns [channels, batch, places] */
function imagesAsRows(emit: Emit, image: string): string {
  const channelFirst = emit.node("Transpose", [image], { perm: ints([1, 0, 2, 3]) });
  return emit.node("Reshape", [channelFirst, emit.int64([0, 0, -1])]);
}

/** @returns [batch, channels, height, width] */
function rowsAsImages(emit: Emit, rows: string, size: Size2d): string {
  const images = emit.node("Reshape", [rows, emit.int64([0, 0, ...size])]);
  return emit.node("Transpose", [images], { perm: ints([1, 0, 2, 3]) });
}

/** S: 1 where tap (a, b) leads from input place (u, v) to output place (i, j), else 0. */
function selection({ x, y, attrs }: DepthwiseConv): Tensor {
  const [height, width] = sizeOf(x);
  const [rows, columns] = sizeOf(y);
  const { kernel, strides, dilations, padding } = attrs;
  const places = height * width * rows * columns;
  const data = new Float32Array(kernel[0] * kernel[1] * places);
  for (let a = 0; a < kernel[0]; a++)
    for (let b = 0; b < kernel[1]; b++)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          const u = i * strides[0] + a * dilations[0] - padding[0];
          const v = j * strides[1] + b * dilations[1] - padding[1];
          if (u < 0 || u >= height || v < 0 || v >= width) continue;
          const pair = (u * width + v) * rows * columns + i * columns + j;
          data[(a * kernel[1] + b) * places + pair] = 1;
        }
  return tensor("float32", [kernel[0] * kernel[1], places], data);
}

function sizeOf({ shape }: Pick<Value, "shape">): Size2d {
  return [shape[2]!, shape[3]!];
}

function placesOf({ shape }: Pick<Value, "shape">): number {
  return shape[2]! * shape[3]!;
}
