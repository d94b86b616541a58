/**
 * @file What else is done with images in blocks, so that they stay there: sums and means,
 * normalisation, scaling, pooling.
 *
 * Sums of products never write the product: a step of DS-CNN takes 0.89 of the time that it takes
 * with products written, of ResNet-8 as long (one thread, onnxruntime-node 1.30 on AVX-512). Slices
 * of max pooling's gradient move single floats; in blocks they move 8 or 16 at once: a step of a
 * CNN takes 0.81 of the time, on two threads 0.78.
 */

import { constant, type Uses, type Value } from "../../../graph/index.ts";
import {
  add,
  asValue,
  div,
  reduceMean as mean,
  mul as multiply,
  neg,
  sqrt,
  sub,
  reduceSum as sum,
} from "../../../ops/index.ts";
import { tiles } from "../../../ops/max-pool-grad.ts";
import type { ReduceAttrs } from "../../../ops/reduce-rule.ts";
import type { Window } from "../../../ops/window.ts";
import { sameShape, scalar, type Tensor } from "../../../tensor/index.ts";
import {
  blocksOf,
  conv,
  fromBlocks,
  type ImageShape,
  maxPool,
  maxPoolGrad,
  meansOf,
  toBlocks,
  viewed,
} from "./operators.ts";

/**
 * y[n, c, i, j] = x[n, c, i, j] · factor[c] + offset[c], in one pass: a depthwise convolution of a
 * single tap, on rows as long as the image (rows of 5 take 1.4 times as long).
 *
 * @param x in blocks; @param factor as many numbers as channels, of any shape
 * @param offset [channels]; default none. @returns y in the usual layout
 */
function scaled(x: Value, factor: Value, offset?: Value): Value {
  const [batch, channels, height, width] = x.shape as ImageShape; // only images are in blocks
  const shape = [batch, channels, 1, height * width];
  const image = viewed(x, shape);
  const kernel = viewed(factor, [channels, 1, 1, 1]);
  const window = { kernel: [1, 1], groups: channels } as const;
  return fromBlocks(viewed(conv({ image, kernel, bias: offset, window, shape }), x.shape));
}

/**
 * Σ x · y over each image and channel, with no product written: a depthwise convolution in which
 * one image is the other's kernel.
 *
 * @param x, @param y in blocks. @returns [batch, channels]
 */
function dot(x: Value, y: Value): Value {
  const [batch, channels, height, width] = x.shape as ImageShape; // only images are in blocks
  const [all, places] = [batch * channels, height * width];
  const image = viewed(x, [1, all, 1, places]);
  const kernel = viewed(y, [all, 1, 1, places]);
  const window = { kernel: [1, places], groups: all } as const;
  return viewed(conv({ image, kernel, window, shape: [1, all, 1, 1] }), [batch, channels]);
}

/** @returns Σ of each image and channel if the operand is a product that nothing else reads */
function dotOf(product: Value, blocks: Value, uses: Uses): Value | undefined {
  const isWhole = product.inputs.every((factor) => sameShape(factor.shape, product.shape));
  if (blocks.op !== "mul" || !isWhole || !uses.once(product)) return undefined;
  return dot(blocks.inputs[0]!, blocks.inputs[1]!);
}

function isOver({ attrs }: Value, axes: readonly number[], keepDims: boolean): boolean {
  const own = attrs as ReduceAttrs; // as reductions have them
  return sameShape(own.axes, axes) && own.keepDims === keepDims;
}

function placesOf({ shape }: Value): Value {
  return constant(scalar("float32", shape[2]! * shape[3]!));
}

/** @returns the sum over all but channels, or undefined unless it is that and x is in blocks */
export function sumInBlocks(
  node: Value,
  [x]: readonly Value[],
  _block: number,
  uses: Uses,
): Value | undefined {
  const blocks = blocksOf(x!);
  if (blocks === undefined || !isOver(node, [0, 2, 3], false)) return undefined;
  const whole = dotOf(node.inputs[0]!, blocks, uses);
  if (whole !== undefined) return sum(whole, { axes: [0] });
  return multiply(sum(meansOf(blocks), { axes: [0] }), placesOf(blocks));
}

/** @returns the mean over all but channels or over the batch, or undefined */
export function meanInBlocks(
  node: Value,
  [x]: readonly Value[],
  _block: number,
  uses: Uses,
): Value | undefined {
  const blocks = blocksOf(x!);
  if (blocks === undefined) return undefined;
  if (isOver(node, [0], true)) return fromBlocks(mean(blocks, { axes: [0], keepDims: true }));
  if (!isOver(node, [0, 2, 3], false)) return undefined;
  const whole = dotOf(node.inputs[0]!, blocks, uses);
  if (whole === undefined) return mean(meansOf(blocks), { axes: [0] });
  return div(mean(whole, { axes: [0] }), placesOf(blocks));
}

/** Normalisation: x · gain + (bias − mean · gain) with gain = scale / √(variance + ε). */
export function normalizedInBlocks(
  { attrs }: Value,
  [x, scale, bias, center, variance]: readonly Value[],
): Value | undefined {
  const blocks = blocksOf(x!);
  if (blocks === undefined) return undefined;
  const epsilon = asValue(attrs.epsilon as number, "float32"); // as the operators have it
  const gain = div(scale!, sqrt(add(variance!, epsilon)));
  return scaled(blocks, gain, offset());

  function offset(): Value | undefined {
    if (isZero(center!)) return isZero(bias!) ? undefined : bias!;
    const shift = multiply(center!, gain);
    return isZero(bias!) ? neg(shift) : sub(bias!, shift);
  }
}

function isZero({ op, attrs }: Value): boolean {
  // A constant node's one attribute is the tensor that `constant()` put there.
  return op === "constant" && (attrs.value as Tensor).data.every((each) => Number(each) === 0);
}

/** An image times one number a channel, [1, channels, 1, 1]. */
export function scaledInBlocks(node: Value, inputs: readonly Value[]): Value | undefined {
  const side = inputs.findIndex(({ shape }) => sameShape(shape, node.shape));
  const blocks = side < 0 ? undefined : blocksOf(inputs[side]!);
  const factor = inputs[1 - side];
  const isOneEach = sameShape(factor?.shape ?? [], [1, node.shape[1] ?? 0, 1, 1]);
  return blocks === undefined || !isOneEach ? undefined : scaled(blocks, factor!);
}

export function pooledInBlocks({ attrs, shape }: Value, [x]: readonly Value[]): Value | undefined {
  const blocks = blocksOf(x!);
  // as maxPool has them
  return blocks && fromBlocks(maxPool(blocks, attrs as Window, shape));
}

/** Where windows tile the image and x is in blocks. The pooled image is the forward pass's. */
export function poolGradInBlocks(
  { attrs }: Value,
  [x, dy]: readonly Value[],
  block: number,
): Value | undefined {
  const [window, blocks] = [attrs as Window, blocksOf(x!)]; // as maxPoolGrad has them
  if (blocks === undefined || !tiles(window)) return undefined;
  return fromBlocks(maxPoolGrad(blocks, toBlocks(dy!), window, block));
}
