/**
 * @file The operators of the blocked layout: ONNX Runtime's own ("com.microsoft.nchwc"), and what
 * has to be said about them in ONNX itself. They stand in no table of operators: this pass alone
 * makes them, after derivatives are taken, and nothing but the emitter sees them.
 *
 * An image [batch, channels, height, width] lies there as [batch, channels/B, height, width, B],
 * and is still called by its usual shape.
 */

import { type Attrs, makeNode, type TensorType, type Value } from "../../../graph/index.ts";
import { flippedKernel } from "../../../ops/conv2d-input-grad.ts";
import { ints, type OnnxAttr, type OpDefinition } from "../../../ops/index.ts";
import { slicedGradient } from "../../../ops/max-pool-grad.ts";
import type { Window } from "../../../ops/window.ts";

/** [batch, channels, height, width] */
export type ImageShape = readonly [number, number, number, number];

const domain = "com.microsoft.nchwc";

type Emission = Pick<OpDefinition, "name" | "toOnnx">;

/** How each of them is emitted, by its name. */
export const blockedOperators: Readonly<Record<string, Emission>> = Object.fromEntries(
  Object.entries<Emission["toOnnx"]>({
    blockedNode: ({ emit, inputs, attrs: { type, ...attrs } }) =>
      emit.node(type as string, inputs, Object.fromEntries(onnxAttrs(attrs)), domain), // as made below
    absent: () => "",
    exactReshape: ({ emit, inputs, node }) =>
      emit.node("Reshape", [...inputs, emit.int64(node.shape)]),
    flippedKernel: ({ emit, inputs }) => flippedKernel(emit, inputs[0]!),
    blockedMaxPoolGrad: ({ emit, inputs, node, attrs: { block, ...attrs } }) => {
      const [x, y, dy] = inputs as readonly [string, string, string];
      const window = attrs as Window; // as made below
      const shapes = { shape: node.shape, pooled: node.inputs[1]!.shape, place: [Number(block)] };
      return slicedGradient(emit, { x, y, dy, window, ...shapes });
    },
  }).map(([name, toOnnx]) => [name, { name, toOnnx }]),
);

function onnxAttrs(attrs: Attrs): [string, OnnxAttr][] {
  return Object.entries(attrs).map(([name, attr]) => {
    if (typeof attr === "string") return [name, attr];
    return [name, Array.isArray(attr) ? ints(attr) : BigInt(attr as number)]; // as made below
  });
}

function blockedNode(type: string, inputs: readonly Value[], attrs: Attrs, to: TensorType): Value {
  return makeNode("blockedNode", inputs, { type, ...attrs }, to);
}

export function isBlocked({ op, attrs }: Value, type: string): boolean {
  return op === "blockedNode" && attrs.type === type;
}

/** @returns an image's blocks if it was brought out of them, else undefined */
export function blocksOf(image: Value): Value | undefined {
  return isBlocked(image, "ReorderOutput") ? image.inputs[0] : undefined;
}

/** @returns an image's blocks: those that it was brought out of, or new ones */
export function toBlocks(image: Value): Value {
  return blocksOf(image) ?? blockedNode("ReorderInput", [image], { channels_last: 0 }, image);
}

/** @returns the image in the usual layout */
export function fromBlocks(blocks: Value): Value {
  const channels = blocks.shape[1]!;
  return blockedNode("ReorderOutput", [blocks], { channels, channels_last: 0 }, blocks);
}

/** @returns the same numbers, said to have another shape; ONNX is told every size */
export function viewed(value: Value, shape: readonly number[]): Value {
  return makeNode("exactReshape", [value], {}, { dtype: value.dtype, shape });
}

/** @returns the kernel with both its axes of places reversed */
export function flipped(kernel: Value): Value {
  return makeNode("flippedKernel", [kernel], {}, kernel);
}

/** Takes the place of an optional operand that is left out before one that is there. */
export const absent: Value = makeNode("absent", [], {}, { dtype: "float32", shape: [] });

/** Operands and sizes of a convolution, kernel and image already in blocks. */
interface ConvInBlocks {
  readonly image: Value;
  readonly kernel: Value;
  /** [outputs] */
  readonly bias?: Value | undefined;
  readonly window: Partial<Window> & Pick<Window, "kernel"> & { readonly groups: number };
  readonly shape: readonly number[];
}

/** @returns y in blocks */
export function conv({ image, kernel, bias, window, shape }: ConvInBlocks): Value {
  const { strides, padding, dilations } = window;
  const attrs = {
    kernel_shape: window.kernel,
    ...(strides && { strides }),
    ...(padding && { pads: padding }),
    ...(dilations && { dilations }),
    group: window.groups,
  };
  const inputs = [image, kernel, ...(bias === undefined ? [] : [bias])];
  return blockedNode("Conv", inputs, attrs, { dtype: "float32", shape });
}

/** @returns the pooled image in blocks */
export function maxPool(blocks: Value, window: Window, shape: readonly number[]): Value {
  const { kernel, strides, padding } = window;
  const attrs = { kernel_shape: kernel, strides, pads: padding };
  return blockedNode("MaxPool", [blocks], attrs, { dtype: "float32", shape });
}

/** @returns the gradient of max pooling with windows that tile, in blocks as its operands are */
export function maxPoolGrad(x: Value, dy: Value, window: Window, block: number): Value {
  const y = maxPool(x, window, dy.shape);
  return makeNode("blockedMaxPoolGrad", [x, y, dy], { ...window, block }, x);
}

/** @returns the mean of each image and channel: [batch, channels] */
export function meansOf(blocks: Value): Value {
  const [batch, channels] = blocks.shape as ImageShape; // only images are in blocks
  const shape = [batch, channels, 1, 1];
  const means = blockedNode("GlobalAveragePool", [blocks], {}, { dtype: "float32", shape });
  return viewed(means, [batch, channels]);
}
