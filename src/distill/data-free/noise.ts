/** @file Noise in the range of the data, smoothed or not: a sample that owes nothing to any data. */

import { elementCount, type RandomStream, type Shape } from "../../tensor/index.ts";
import type { SettledSpec } from "./generated-spec.ts";

/**
 * Draws one sample, in shares of the range.
 *
 *   uniform: u ∈ [0, 1)      normal: ½ + ¼ z, cut to 0 … 1
 *
 * A Gaussian of deviation `blur` over height and width smooths what is above and below ½; it keeps
 * each pixel's variance, at the borders too, by dividing by √Σ k² of the weights k that are inside.
 *
 * @param shape of the sample
 * @returns float64 [elements], 0 … 1
 */
export function drawNoise(
  stream: RandomStream,
  shape: Shape,
  { distribution, blur }: Pick<SettledSpec, "distribution" | "blur">,
): Float64Array {
  const draw =
    distribution === "uniform" ? () => stream.uniform() - 0.5 : () => stream.normal() / 4;
  const centred = Float64Array.from({ length: elementCount(shape) }, draw);
  return smoothed(centred, shape, blur).map((value) => Math.min(1, Math.max(0, value + 0.5)));
}

/** Rows first, then columns: the Gaussian of two dimensions is the product of two. */
function smoothed(values: Float64Array, shape: Shape, blur: number): Float64Array {
  if (blur === 0) return values;
  const [, height = 1, width = 1] = shape; // of an image, as assertGeneratedSpec has seen to
  const rows = smoothedAlong(values, { count: width, stride: 1 }, blur);
  return smoothedAlong(rows, { count: height, stride: width }, blur);
}

/** Smooths along one axis: `count` places, `stride` elements from one to the next. */
function smoothedAlong(
  values: Float64Array,
  { count, stride }: { readonly count: number; readonly stride: number },
  blur: number,
): Float64Array {
  const reach = Math.ceil(3 * blur); // beyond it there is 1 % of the highest weight
  return values.map((_, at) => {
    const place = Math.floor(at / stride) % count;
    let sum = 0;
    let squares = 0;
    for (
      let other = Math.max(0, place - reach);
      other <= Math.min(count - 1, place + reach);
      other++
    ) {
      const weight = Math.exp(-((other - place) ** 2) / (2 * blur ** 2));
      sum += weight * values[at + (other - place) * stride]!;
      squares += weight ** 2;
    }
    return sum / Math.sqrt(squares);
  });
}
