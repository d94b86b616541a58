/**
 * @file Convolutions and their gradients in the blocked layout.
 *
 *   image  [batch, in/B, height, width, B]
 *   kernel [out/B, in/B, kernelHeight, kernelWidth, B of in, B of out]
 *
 * so that a place's block is one register and nothing is unfolded; of a kernel for each channel
 * alone, [channels/B, kernelHeight, kernelWidth, B]. Fewer input channels than B are read as they
 * are.
 *
 * Times as multiples of Conv, reordering included, one thread, onnxruntime-node 1.30 on AVX-512,
 * batch 64, 3x3: 0.70 (16 channels, 32x32), 0.65 (32, 16x16), 0.61 (64, 8x8), 0.64 and 0.69 (16 →
 * 32 and 32 → 64, stride 2), 0.70 (32 → 64, 14x14). Depthwise, 16 channels, 25x5: 0.35 of the dense
 * products of ops/depthwise-toeplitz.ts, so that a step of DS-CNN takes 0.72 of the time; with the
 * weight gradient of those here too, 0.84 of that.
 */

import type { Value } from "../../../graph/index.ts";
import type { Conv2dInputGradAttrs } from "../../../ops/conv2d-input-grad.ts";
import { canFlip, flippedPads } from "../../../ops/conv2d-input-grad.ts";
import type { Conv2dAttrs } from "../../../ops/conv2d-rule.ts";
import { reduceSum, slice, transpose } from "../../../ops/index.ts";
import { conv, flipped, fromBlocks, type ImageShape, toBlocks, viewed } from "./operators.ts";

/** Whether blocks fit the channels; of groups only one channel each is known. */
function hasBlocks(inputs: number, outputs: number, groups: number, block: number): boolean {
  const isDepthwise = groups > 1 && groups === inputs && groups === outputs;
  const fits = isDepthwise || (groups === 1 && (inputs < block || inputs % block === 0));
  return fits && outputs % block === 0;
}

/** A convolution from an image in the usual layout to one in it. */
interface Convolution {
  readonly image: Value;
  /** [outputs, inputs, …], or [inputs, outputs, …] if `inputsFirst` */
  readonly kernel: Value;
  readonly inputsFirst?: boolean;
  readonly bias?: Value | undefined;
  readonly window: Conv2dAttrs;
  readonly shape: readonly number[];
}

function convolved({ image, shape, ...of }: Convolution, block: number): Value {
  const [inputs, outputs] = [image.shape[1]!, shape[1]!];
  const isDepthwise = of.window.groups > 1;
  const isDirect = inputs < block && !isDepthwise;
  const kernel = isDepthwise ? depthwiseKernel() : denseKernel();
  return fromBlocks(conv({ ...of, shape, kernel, image: isDirect ? image : toBlocks(image) }));

  function depthwiseKernel(): Value {
    const taps = of.window.kernel[0] * of.window.kernel[1];
    const rows = viewed(of.kernel, [outputs / block, block, taps]);
    return viewed(transpose(rows, [0, 2, 1]), [outputs, 1, ...of.window.kernel]);
  }

  function denseKernel(): Value {
    const taps = of.window.kernel[0] * of.window.kernel[1];
    const outer = [outputs / block, block];
    const inner = isDirect ? [inputs] : [inputs / block, block];
    const split = of.inputsFirst ? [...inner, ...outer, taps] : [...outer, ...inner, taps];
    const [o, i] = of.inputsFirst ? [inner.length, 0] : [0, outer.length];
    // out/B, in/B, taps, B of in, B of out; or out/B, in, taps, B of out
    const order = isDirect ? [o, i, 3, o + 1] : [o, i, 4, i + 1, o + 1];
    const turned = transpose(viewed(of.kernel, split), order);
    return viewed(turned, [outputs, inputs, ...of.window.kernel]);
  }
}

/** @returns conv2d in blocks, or undefined if none fit */
export function conv2dInBlocks(
  { shape, attrs }: Value,
  [image, kernel, bias]: readonly Value[],
  block: number,
): Value | undefined {
  const window = attrs as Conv2dAttrs; // as conv2d has them
  if (!hasBlocks(image!.shape[1]!, shape[1]!, window.groups, block)) return undefined;
  return convolved({ image: image!, kernel: kernel!, bias, window, shape }, block);
}

/** @returns conv2dInputGrad as the convolution with the flipped kernel, or undefined */
export function inputGradInBlocks(
  { shape, attrs }: Value,
  [dy, kernel]: readonly Value[],
  block: number,
): Value | undefined {
  const conv = attrs as Conv2dInputGradAttrs; // as conv2dInputGrad has them
  if (!canFlip(conv) || !hasBlocks(dy!.shape[1]!, shape[1]!, conv.groups, block)) return undefined;
  const window = { ...conv, padding: flippedPads(conv) };
  const of = { image: dy!, kernel: flipped(kernel!), inputsFirst: true, window, shape };
  return convolved(of, block);
}

/**
 * The weight gradient of a depthwise convolution,
 *
 *   dkernel[c, a, b] = Σ_n,i,j  dy[n, c, i, j] · x[n, c, i·s + a·d − top, j·s + b·d − left]
 *
 * For one image and channel that is x convolved with dy as the kernel, strides and dilations
 * exchanged. In blocks a batch of images lies as one image of batch · channels channels does, and
 * dy as the depthwise kernel of those channels: a depthwise convolution gives every image's
 * gradient with nothing moved, and images are summed afterwards. Both operands are in blocks
 * already, for the convolution and for its input gradient.
 *
 * @returns dkernel: [channels, 1, kernelHeight, kernelWidth], or undefined unless there is one
 *   output a channel and blocks fit
 */
export function weightGradInBlocks(
  node: Value,
  [x, dy]: readonly Value[],
  block: number,
): Value | undefined {
  const { kernel, strides, dilations, padding, groups } = node.attrs as Conv2dAttrs;
  const [batch, channels, ...size] = x!.shape as ImageShape; // infer saw rank 4
  const dySize = dy!.shape.slice(2) as [number, number];
  if (groups !== channels || dy!.shape[1] !== channels || channels % block !== 0) return undefined;
  const both = <T>(each: (axis: 0 | 1) => T): [T, T] => [each(0), each(1)];
  // what lies behind the last window that dy saw; below 0 where no window reached the last places
  const behind = both(
    (axis) =>
      (kernel[axis] - 1) * dilations[axis] +
      (dySize[axis] - 1) * strides[axis] +
      1 -
      size[axis] -
      padding[axis],
  );
  const found = both(
    (axis) => kernel[axis] + Math.floor(Math.max(0, -behind[axis]) / dilations[axis]),
  );
  const [bottom, right] = both((axis) => Math.max(0, behind[axis]));
  const all = batch * channels;
  const products = conv({
    image: viewed(toBlocks(x!), [1, all, ...size]),
    kernel: viewed(toBlocks(dy!), [all, 1, ...dySize]),
    window: {
      kernel: dySize,
      strides: dilations,
      padding: [padding[0], padding[1], bottom, right],
      dilations: strides,
      groups: all,
    },
    shape: [1, all, ...found],
  });
  const byImage = viewed(products, [batch, channels / block, ...found, block]);
  const sum = reduceSum(byImage, { axes: [0] });
  const isWhole = found[0] === kernel[0] && found[1] === kernel[1];
  const cut = isWhole ? sum : slice(sum, { starts: [0, 0], ends: kernel, axes: [1, 2] });
  return viewed(transpose(cut, [0, 3, 1, 2]), node.shape);
}
