/**
 * @file The weight gradient of a convolution as one matrix product a kernel tap, of whole planes.
 *
 *   dkernel[o, c, a, b] = Σ_n,i,j  dy[n, o, i, j] · x[n, c, i·s + a·d − top, j·s + b·d − left]
 *
 * Nothing is unfolded. The tap's rows are taken from x: a·d − top, + s, … Its columns are met in
 * dy: with j·s + b·d − left = (j + q)·s + p, dy's column j meets column j + q of the phase p of x
 * (its columns p, p + s, …), so dy moves q columns, zeros follow, and what leaves the plane met
 * padding. Copies of planes are few: for 3x3 at stride 1 two of x and two of dy. Rows move as one
 * stretch of places, 0.4-0.85 of the time of padding row by row (8x8 to 32x32); columns as well
 * where planes are narrow, and what wrapped around is masked: 0.45 at 8x8, 0.8 at 16x16, 1.2 at
 * 32x32.
 *
 * An image's planes are one factor of a batched product. With fewer places than channels these
 * products would be larger than what they are made of; there channels go first, so that the product
 * itself sums the batch.
 */

import { tensor } from "../tensor/index.ts";
import type { Conv2dAttrs } from "./conv2d-rule.ts";
import type { OnnxContext } from "./define-op.ts";
import { ints } from "./emit.ts";

type Context = OnnxContext<Conv2dAttrs>;
type Size4d = readonly [number, number, number, number];

/** Whether the form exists: groups of 1 only, and images with a column of every phase. */
export function hasPlanes({ attrs: { groups, strides }, node }: Context): boolean {
  return groups === 1 && node.inputs[0]!.shape[3]! >= strides[1];
}

/** @returns dkernel: [out, in, kernelHeight, kernelWidth] */
export function planes(context: Context): string {
  const { emit, attrs, node, inputs } = context;
  const [batch, channels, , width] = node.inputs[0]!.shape as Size4d; // infer saw rank 4
  const [, outputs, rows, columns] = node.inputs[1]!.shape as Size4d; // infer saw rank 4
  const channelsFirst = rows * columns <= Math.max(channels, outputs);
  const turn = (image: string): string =>
    channelsFirst ? emit.node("Transpose", [image], { perm: ints([1, 0, 2, 3]) }) : image;
  const [x, dy] = [turn(inputs[0]!), turn(inputs[1]!)];
  const [kernelRows, kernelColumns] = attrs.kernel;
  const taps = Array.from({ length: kernelRows * kernelColumns }, (_, tap) => {
    const [a, b] = [Math.floor(tap / kernelColumns), tap % kernelColumns];
    const { phase, shift } = columnShift(attrs, b);
    const size = Math.ceil((width - phase) / attrs.strides[1]);
    const flat = (image: string, kinds: number): string => {
      const shape = channelsFirst ? [kinds, batch * rows * size] : [batch, kinds, rows * size];
      return emit.node("Reshape", [image, emit.int64(shape)]);
    };
    const moved = moveColumns(context, dy, shift, size);
    const met = rowsOfTap(context, columnsOfPhase(context, x, phase), a, size);
    const product = productOf(context, flat(moved, outputs), flat(met, channels), channelsFirst);
    return emit.node("Reshape", [product, emit.int64([outputs, channels, 1])]);
  });
  const joined = emit.node("Concat", taps, { axis: 2n });
  return emit.node("Reshape", [joined, emit.int64(node.shape)]);
}

/** The phase of x's columns that kernel column b meets, and how far dy moves to meet it. */
function columnShift({ strides, dilations, padding }: Conv2dAttrs, b: number) {
  const offset = b * dilations[1] - padding[1];
  const shift = Math.floor(offset / strides[1]);
  return { phase: offset - shift * strides[1], shift };
}

/** Adds zeros before and after the places of an image; a negative number takes places away. */
function pad(
  { emit }: Context,
  image: string,
  before: readonly [number, number],
  after: readonly [number, number],
): string {
  if ([...before, ...after].every((size) => size === 0)) return image;
  return emit.node("Pad", [image, emit.int64([0, 0, ...before, 0, 0, ...after])]);
}

/** As `pad`, over the places in one row: whole planes are copied at once. */
function padFlat({ emit }: Context, image: string, before: number, after: number): string {
  if (before === 0 && after === 0) return image;
  const flat = emit.node("Reshape", [image, emit.int64([0, 0, -1])]); // 0 keeps an axis
  return emit.node("Pad", [flat, emit.int64([0, 0, before, 0, 0, after])]);
}

/** Up to this width a plane is moved as one row and masked; wider rows are padded one by one. */
const widestMasked = 16;

/** @returns dy's columns moved to the right by `shift`, in `size` columns; zeros where none came */
function moveColumns(context: Context, dy: string, shift: number, size: number): string {
  const { emit, node } = context;
  const [, , rows, columns] = node.inputs[1]!.shape as Size4d; // infer saw rank 4
  if (size !== columns || shift === 0 || columns > widestMasked)
    return pad(context, dy, [0, shift], [0, size - columns - shift]);
  const isFilled = (column: number): boolean => column >= shift && column - shift < columns;
  const mask = Float32Array.from({ length: rows * columns }, (_, place) =>
    isFilled(place % columns) ? 1 : 0,
  );
  const moved = padFlat(context, dy, shift, -shift);
  return emit.node("Mul", [moved, emit.constant(tensor("float32", [mask.length], mask))]);
}

function columnsOfPhase({ emit, attrs, node }: Context, x: string, phase: number): string {
  const step = attrs.strides[1];
  if (step === 1) return x;
  const range = [emit.int64([phase]), emit.int64([node.inputs[0]!.shape[3]!]), emit.int64([3])];
  return emit.node("Slice", [x, ...range, emit.int64([step])]);
}

/**
 * @param width of the image
 * @returns rows a·dilation − top, + stride, …: as many as dy has; zeros outside the image
 */
function rowsOfTap(context: Context, image: string, a: number, width: number): string {
  const { emit, attrs, node } = context;
  const [step, height, rows] = [
    attrs.strides[0],
    node.inputs[0]!.shape[2]!,
    node.inputs[1]!.shape[2]!,
  ];
  const start = a * attrs.dilations[0] - attrs.padding[0];
  const end = start + step * (rows - 1) + 1;
  if (step === 1) return padFlat(context, image, -start * width, (end - height) * width);
  const above = Math.max(0, -start);
  const inside = pad(context, image, [above, 0], [Math.max(0, end - height), 0]);
  const range = [emit.int64([start + above]), emit.int64([end + above]), emit.int64([2])];
  return emit.node("Slice", [inside, ...range, emit.int64([step])]);
}

/** @returns Σ over places and batch of dy · xᵀ: [out, in] */
function productOf({ emit }: Context, dy: string, x: string, channelsFirst: boolean): string {
  if (channelsFirst) return emit.node("Gemm", [dy, x], { transB: 1n });
  const turned = emit.node("Transpose", [x], { perm: ints([0, 2, 1]) });
  const each = emit.node("MatMul", [dy, turned]); // [batch, out, in]
  return emit.node("ReduceSum", [each, emit.int64([0])], { keepdims: 0n });
}
