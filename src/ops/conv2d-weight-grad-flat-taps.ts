/**
 * @file The weight gradient of a stride-1 convolution as one matrix product a kernel tap.
 *
 * x and dy go channel-first onto one zero-padded grid of gridRows · gridColumns places an image and
 * are flattened to [channels, batch · grid]. There, the input under tap (a, b) is x shifted by
 *
 *   a · dilation · gridColumns + b · dilation
 *
 * places, so that every tap is a contiguous slice and a Gemm:
 *
 *   dkernel[:, :, a, b] = dY · X[shift …]ᵀ
 *
 * The grid has only as many zero rows and columns as the larger side's padding: a window that
 * leaves an image at its end meets the zeros before the next image.
 */

import type { Conv2dAttrs } from "./conv2d-rule.ts";
import type { OnnxContext } from "./define-op.ts";
import { ints } from "./emit.ts";

/** Whether the form exists: strides and groups of 1. */
export function hasFlatTaps(attrs: Conv2dAttrs): boolean {
  return attrs.groups === 1 && attrs.strides.every((stride) => stride === 1);
}

/** @returns dkernel: [out, in, kernelHeight, kernelWidth] */
export function flatTaps({ emit, inputs, attrs, node }: OnnxContext<Conv2dAttrs>): string {
  const [channels, height, width] = node.inputs[0]!.shape.slice(1) as [number, number, number];
  const [batch, outputs, rows, columns] = node.inputs[1]!.shape as [number, number, number, number];
  const [top, left, bottom, right] = attrs.padding;
  const gridRows = Math.max(rows, height + Math.max(top, bottom));
  const gridColumns = Math.max(columns, width + Math.max(left, right));
  const grid = gridRows * gridColumns;
  const places = batch * grid;
  const shifts = shiftsOf(attrs, gridColumns);
  // Images of zeros after the last, for the windows that reach beyond it.
  const extra = Math.ceil(Math.max(...shifts) / grid);
  const flatten = (image: string, pads: readonly number[], sizes: readonly number[]): string => {
    const channelFirst = emit.node("Transpose", [image], { perm: ints([1, 0, 2, 3]) });
    const isPadded = pads.some((size) => size > 0);
    const onGrid = isPadded ? emit.node("Pad", [channelFirst, emit.int64(pads)]) : channelFirst;
    return emit.node("Reshape", [onGrid, emit.int64(sizes)]);
  };
  const xPads = [0, 0, top, left, 0, extra, gridRows - height - top, gridColumns - width - left];
  const x = flatten(inputs[0]!, xPads, [channels, places + extra * grid]);
  const dyPads = [0, 0, 0, 0, 0, 0, gridRows - rows, gridColumns - columns];
  const dy = flatten(inputs[1]!, dyPads, [outputs, places]);
  const products = shifts.map((shift) => {
    const range = [emit.int64([shift]), emit.int64([shift + places]), emit.int64([1])];
    const underTap = emit.node("Slice", [x, ...range]); // [in, places]
    const product = emit.node("Gemm", [dy, underTap], { transB: 1n }); // [out, in]
    return emit.node("Reshape", [product, emit.int64([outputs, channels, 1])]);
  });
  const taps = emit.node("Concat", products, { axis: 2n });
  return emit.node("Reshape", [taps, emit.int64(node.shape)]);
}

/** How far each tap's input lies behind its output on the flattened grid, in row-major order. */
function shiftsOf({ kernel, dilations }: Conv2dAttrs, gridColumns: number): number[] {
  const [height, width] = kernel;
  return Array.from({ length: height * width }, (_, tap) => {
    const [a, b] = [Math.floor(tap / width), tap % width];
    return a * dilations[0] * gridColumns + b * dilations[1];
  });
}
