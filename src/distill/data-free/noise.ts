/** @file Noise that owes nothing to any data, and the Gaussian that makes images of it smooth. */

import { elementCount, type RandomStream, type Shape } from "../../engine/tensor/index.ts";
import type { SettledSpec } from "./generated-spec.ts";

/**
 * Draws one sample, in shares of the range.
 *
 *   uniform: u ∈ [0, 1)      normal: ½ + ¼ z, cut to 0 … 1
 *
 * @param shape of the sample
 * @returns float64 [elements], 0 … 1
 */
export function drawNoise(
  stream: RandomStream,
  shape: Shape,
  distribution: SettledSpec["distribution"],
): Float64Array {
  const draw =
    distribution === "uniform" ? () => stream.uniform() : () => cut(0.5 + stream.normal() / 4);
  return Float64Array.from({ length: elementCount(shape) }, draw);
}

/**
 * Weights k of a Gaussian along one axis, divided by √Σ k² of those that are inside: what is
 * smoothed keeps the variance of independent values, at the borders too.
 *
 * @param count places along the axis; @param blur the Gaussian's deviation, above 0
 * @returns float32 [count, count]: row p has the weights of all places for place p
 */
export function smoothingMatrix(count: number, blur: number): Float32Array {
  const matrix = new Float32Array(count * count);
  for (let place = 0; place < count; place++) {
    const weights = Float64Array.from({ length: count }, (_, other) =>
      Math.exp(-((other - place) ** 2) / (2 * blur ** 2)),
    );
    const norm = Math.sqrt(weights.reduce((sum, weight) => sum + weight ** 2, 0));
    matrix.set(
      weights.map((weight) => weight / norm),
      place * count,
    );
  }
  return matrix;
}

/**
 * x ← ½ + S_h (x − ½) S_wᵀ for every channel, cut to 0 … 1: smooth images, in shares of the range.
 *
 * @param images [..., height, width] by the last two sizes of `shape`; changed in place
 */
export function smoothImages(images: Float32Array, shape: Shape, blur: number): void {
  const [height, width] = shape.slice(-2) as [number, number]; // of images, as assertGeneratedSpec has seen to
  const [rows, columns] = [smoothingMatrix(height, blur), smoothingMatrix(width, blur)];
  const inner = new Float64Array(height * width);
  for (let image = 0; image < images.length; image += height * width) {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let at = 0; at < width; at++)
          sum += columns[x * width + at]! * (images[image + y * width + at]! - 0.5);
        inner[y * width + x] = sum;
      }
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let at = 0; at < height; at++) sum += rows[y * height + at]! * inner[at * width + x]!;
        images[image + y * width + x] = cut(0.5 + sum);
      }
  }
}

function cut(share: number): number {
  return Math.min(1, Math.max(0, share));
}
