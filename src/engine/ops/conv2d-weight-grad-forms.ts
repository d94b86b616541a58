/**
 * @file The ways to write a convolution's weight gradient in ONNX.
 *
 * - "im2col-matmul": the input under each kernel tap (Pad, Slice, Concat), one batched MatMul with
 *   dy, sum over the batch.
 * - "swapped-conv": Conv with batch and channels exchanged and dy as the kernel; strides and
 *   dilations change places.
 * - "taps": depthwise only; each tap is the sum of x under it times dy.
 * - "row-gram": depthwise only; per kernel row, X ᵀ · dY over batch and rows, whose diagonals are
 *   the taps of that row.
 *
 * - "planes": groups of 1 only; one product of whole planes a tap (conv2d-weight-grad-planes.ts).
 *
 * - "toeplitz": depthwise with one output a channel only; one product an image plane
 *   (depthwise-toeplitz.ts).
 *
 * - "by-shape": if depthwise, "toeplitz" for small images, "row-gram" for larger ones and "taps"
 *   for wide ones; else "planes" for kernels of several taps over at least 8 channels,
 *   "swapped-conv" for kernels of at least 25 taps over at most 4; else "im2col-matmul".
 *
 * A form that does not exist for a convolution is "im2col-matmul" there.
 *
 * Times as multiples of "im2col-matmul", one thread, onnxruntime-node 1.30 on two AVX-512 cores:
 * "planes", 3x3: 0.51 (16 channels, 32x32), 0.53 (32, 16x16), 0.69 (64, 8x8), 0.74 (32 → 64,
 * 14x14), stride 2 0.71 (16 → 32, 32x32) and 0.73 (32 → 64, 16x16), but 2 for 3 channels and 6 for
 * one; 1.7 for 1x1, stride 2. (One product a tap on a flattened grid, with a slice for each: 0.59,
 * 0.59, 0.73, 0.75, stride 1 only.)
 * A 1x1 kernel's "im2col-matmul" takes the image as it is: with the slice that the others need a
 * step of DS-CNN takes 1.07 times as long.
 * "swapped-conv" 1.4 (3x3, 32 → 64 channels, 14x14), 1.8 (1 → 32 channels, 28x28), 6 (1x1); but
 * 0.5-0.62 (10x4, stride 2, 1 → 16 and 64 channels, 49x10), 0.65 (5x5, stride 2, 3 → 32 channels,
 * 32x32), 0.9-1.0 (5x5, 1 → 8 and 16 channels, 28x28).
 * Depthwise 3x3: "row-gram" 0.36-0.50, "taps" 0.58-0.80, "swapped-conv" 0.6-1.5 for 7 to 32
 * columns; 0.83, 0.95, 1.5 for 64; 1.1, 1.0, 1.4 for 112.
 */

import { type Tensor, tensor } from "../tensor/index.ts";
import type { Conv2dAttrs } from "./conv2d-rule.ts";
import { hasPlanes, planes } from "./conv2d-weight-grad-planes.ts";
import type { OnnxContext } from "./define-op.ts";
import { hasToeplitz, toeplitzIsQuicker, toeplitzWeightGrad } from "./depthwise-toeplitz.ts";
import { ints } from "./emit.ts";

export const weightGradForms: readonly string[] = [
  "by-shape",
  "im2col-matmul",
  "swapped-conv",
  "taps",
  "row-gram",
  "planes",
  "toeplitz",
];

/** With fewer input channels a tap's product is too narrow to be worth its own Gemm. */
const fewestChannels = 8;

/** The gram's work grows with the square of the width, the taps' with the width. */
const widestGram = 96;

type Context = OnnxContext<Conv2dAttrs>;

type Size4d = readonly [number, number, number, number];

/** Sizes by the letters that the comments below use. */
interface Sizes {
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  /** height and width of dy */
  readonly rows: number;
  readonly columns: number;
  /** output channels of one group */
  readonly outPerGroup: number;
  /** input channels of one group */
  readonly inPerGroup: number;
}

function sizesOf({ node, attrs }: Context): Sizes {
  const channels = node.inputs[0]!.shape[1]!;
  const [batch, outputs, rows, columns] = node.inputs[1]!.shape as Size4d; // infer saw rank 4
  const { groups } = attrs;
  const [outPerGroup, inPerGroup] = [outputs / groups, channels / groups];
  return { batch, channels, outputs, rows, columns, outPerGroup, inPerGroup };
}

/** @returns the emitted form; see the file's comment */
export function emitWeightGrad(context: Context): string {
  const { attrs, node, form } = context;
  const depthwise = attrs.groups === node.inputs[0]!.shape[1] && attrs.groups > 1;
  if (form === "swapped-conv") return swappedConv(context);
  if (!depthwise) {
    if (form === "by-shape" && swapIsQuicker(context)) return swappedConv(context);
    const whole = form === "planes" || (form === "by-shape" && planesAreQuicker(context));
    return whole && hasPlanes(context) ? planes(context) : im2colMatMul(context);
  }
  const conv = { x: node.inputs[0]!, y: node.inputs[1]!, attrs };
  const dense = form === "toeplitz" || (form === "by-shape" && toeplitzIsQuicker(conv));
  if (dense && hasToeplitz(conv))
    return toeplitzWeightGrad(context.emit, conv, context.inputs[0]!, context.inputs[1]!);
  const narrow = node.inputs[1]!.shape[3]! <= widestGram;
  if (form === "row-gram" || (form === "by-shape" && narrow)) return rowGram(context);
  if (form === "taps" || form === "by-shape") return taps(context);
  return im2colMatMul(context);
}

/**
 * A strided 1x1 kernel is a residual block's shortcut: its planes are among those of the larger
 * kernel beside it and cost nothing more.
 */
function planesAreQuicker(context: Context): boolean {
  const { kernel, strides } = context.attrs;
  const isPointwise = kernel[0] * kernel[1] === 1 && strides[0] * strides[1] === 1;
  return !isPointwise && sizesOf(context).channels >= fewestChannels;
}

/** Many slices of few channels, against one convolution with a kernel as large as dy. */
function swapIsQuicker(context: Context): boolean {
  const { kernel, groups } = context.attrs;
  return groups === 1 && kernel[0] * kernel[1] >= 25 && sizesOf(context).channels <= 4;
}

function padded({ emit, inputs, attrs }: Context): string {
  const [top, left, bottom, right] = attrs.padding;
  if (top + left + bottom + right === 0) return inputs[0]!;
  return emit.node("Pad", [inputs[0]!, emit.int64([0, 0, top, left, 0, 0, bottom, right])]);
}

/** @returns the input under kernel tap (a, b): [batch, channels, rows, columns] */
function underTap(context: Context, image: string, a: number, b: number): string {
  const { emit, attrs } = context;
  const { rows, columns } = sizesOf(context);
  const { strides, dilations, kernel } = attrs;
  const steps = [...kernel, ...strides, ...attrs.padding.map((pad) => pad + 1)];
  if (steps.every((each) => each === 1)) return image; // the whole of it
  const starts = [a * dilations[0], b * dilations[1]] as const;
  const ends = [
    starts[0] + strides[0] * (rows - 1) + 1,
    starts[1] + strides[1] * (columns - 1) + 1,
  ];
  const operands = [image, emit.int64(starts), emit.int64(ends), emit.int64([2, 3])];
  return emit.node("Slice", [...operands, emit.int64(strides)]);
}

/** Calls `each` for every kernel tap in row-major order. */
function mapTaps(attrs: Conv2dAttrs, each: (a: number, b: number) => string): string[] {
  const [height, width] = attrs.kernel;
  return Array.from({ length: height * width }, (_, tap) =>
    each(Math.floor(tap / width), tap % width),
  );
}

function im2colMatMul(context: Context): string {
  const { emit, attrs, node, inputs } = context;
  const { batch, channels, rows, columns, outPerGroup, inPerGroup } = sizesOf(context);
  const { groups } = attrs;
  const places = rows * columns;
  const taps = attrs.kernel[0] * attrs.kernel[1];
  const image = padded(context);
  const slices = mapTaps(attrs, (a, b) => {
    const shape = emit.int64([batch, channels, 1, places]);
    return emit.node("Reshape", [underTap(context, image, a, b), shape]);
  });
  const columnsOf = slices.length === 1 ? slices[0]! : emit.node("Concat", slices, { axis: 2n });
  const patches = emit.node("Reshape", [
    columnsOf,
    emit.int64([batch, groups, inPerGroup * taps, places]),
  ]);
  const transposed = emit.node("Transpose", [patches], { perm: ints([0, 1, 3, 2]) });
  const dy = emit.node("Reshape", [inputs[1]!, emit.int64([batch, groups, outPerGroup, places])]);
  // [batch, groups, out/groups, in/groups · taps]
  const products = emit.node("MatMul", [dy, transposed]);
  const sum = emit.node("ReduceSum", [products, emit.int64([0])], { keepdims: 0n });
  return emit.node("Reshape", [sum, emit.int64(node.shape)]);
}

function swappedConv(context: Context): string {
  const { emit, attrs, node, inputs } = context;
  const { batch, inPerGroup } = sizesOf(context);
  const { groups } = attrs;
  const [, , height, width] = node.inputs[0]!.shape;
  const grouped = emit.node("Reshape", [
    inputs[0]!,
    emit.int64([batch, groups, inPerGroup, height!, width!]),
  ]);
  const moved = emit.node("Transpose", [grouped], { perm: ints([2, 1, 0, 3, 4]) });
  const image = emit.node("Reshape", [
    moved,
    emit.int64([inPerGroup, groups * batch, height!, width!]),
  ]); // [in/groups, groups · batch, height, width]
  // [out, batch, rows, columns]
  const kernel = emit.node("Transpose", [inputs[1]!], { perm: ints([1, 0, 2, 3]) });
  // [in/groups, out, ≥ kernelHeight, ≥ kernelWidth]: what no window reached comes after the
  // kernel's
  const result = emit.node("Conv", [image, kernel], {
    strides: ints(attrs.dilations),
    pads: ints(attrs.padding),
    dilations: ints(attrs.strides),
    group: BigInt(groups),
  });
  const cut = emit.node("Slice", [
    result,
    emit.int64([0, 0]),
    emit.int64(attrs.kernel),
    emit.int64([2, 3]),
  ]);
  return emit.node("Transpose", [cut], { perm: ints([1, 0, 2, 3]) });
}

function taps(context: Context): string {
  const { emit, attrs, node, inputs } = context;
  const { batch, channels, rows, columns, outPerGroup } = sizesOf(context);
  const image = padded(context);
  const dy = emit.node("Reshape", [
    inputs[1]!,
    emit.int64([batch, channels, outPerGroup, rows * columns]),
  ]);
  const sums = mapTaps(attrs, (a, b) => {
    const shape = emit.int64([batch, channels, 1, rows * columns]);
    const x = emit.node("Reshape", [underTap(context, image, a, b), shape]);
    const sum = emit.node("ReduceSum", [emit.node("Mul", [x, dy]), emit.int64([0, 3])], {
      keepdims: 0n,
    }); // [channels, out/groups]
    return emit.node("Reshape", [sum, emit.int64([channels * outPerGroup, 1])]);
  });
  return emit.node("Reshape", [emit.node("Concat", sums, { axis: 1n }), emit.int64(node.shape)]);
}

/**
 * Positions in [inputColumns, columns] of the diagonal of each kernel column: tap b pairs column
 * j·s + b·d with j.
 */
function diagonals(attrs: Conv2dAttrs, columns: number): Tensor {
  const positions: bigint[] = [];
  for (let b = 0; b < attrs.kernel[1]; b++)
    for (let j = 0; j < columns; j++)
      positions.push(BigInt((j * attrs.strides[1] + b * attrs.dilations[1]) * columns + j));
  return tensor("int64", [positions.length], BigInt64Array.from(positions));
}

function rowGram(context: Context): string {
  const { emit, attrs, node, inputs } = context;
  const { batch, channels, rows, columns, outPerGroup } = sizesOf(context);
  const [, left, , right] = attrs.padding;
  const width = node.inputs[0]!.shape[3]! + left + right;
  const [kernelRows, kernelColumns] = attrs.kernel;
  // Channels go first, so that batch and rows are summed by the product itself.
  const image = emit.node("Transpose", [padded(context)], { perm: ints([1, 0, 2, 3]) });
  const byGroup = emit.node("Reshape", [
    inputs[1]!,
    emit.int64([batch, channels, outPerGroup, rows, columns]),
  ]);
  const moved = emit.node("Transpose", [byGroup], { perm: ints([1, 2, 0, 3, 4]) });
  const dy = emit.node("Reshape", [
    moved,
    emit.int64([channels, outPerGroup, batch * rows, columns]),
  ]);
  const places = emit.constant(diagonals(attrs, columns));
  const sums = Array.from({ length: kernelRows }, (_, a) => {
    const start = a * attrs.dilations[0];
    const end = start + attrs.strides[0] * (rows - 1) + 1;
    const slice = emit.node("Slice", [
      image,
      emit.int64([start]),
      emit.int64([end]),
      emit.int64([2]),
      emit.int64([attrs.strides[0]]),
    ]); // [channels, batch, rows, width]
    const x = emit.node("Reshape", [slice, emit.int64([channels, 1, batch * rows, width])]);
    const turned = emit.node("Transpose", [x], { perm: ints([0, 1, 3, 2]) });
    const gram = emit.node("MatMul", [turned, dy]); // [channels, out/groups, width, columns]
    const flat = emit.node("Reshape", [gram, emit.int64([node.shape[0]!, width * columns])]);
    const taken = emit.node("Gather", [flat, places], { axis: 1n });
    const split = emit.int64([node.shape[0]!, kernelColumns, columns]);
    return emit.node("ReduceSum", [emit.node("Reshape", [taken, split]), emit.int64([2])], {
      keepdims: 0n,
    }); // [out, kernelWidth]
  });
  return emit.node("Reshape", [emit.node("Concat", sums, { axis: 1n }), emit.int64(node.shape)]);
}
