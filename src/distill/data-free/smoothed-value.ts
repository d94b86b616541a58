/** @file smoothImages inside a graph, so that impressions are found among smooth images. */

import { constant, type Value } from "../../engine/graph/index.ts";
import { add, clip, matMul, sub, transpose } from "../../engine/ops/index.ts";
import { tensor } from "../../engine/tensor/index.ts";
import { smoothingMatrix } from "./noise.ts";

/**
 * @param images float32 [batch, channels, height, width] in shares of the range
 * @returns the same shape; `images` themselves without a blur
 */
export function smoothedValue(images: Value, blur: number): Value {
  if (blur === 0) return images;
  const [height, width] = images.shape.slice(-2) as [number, number]; // of images, as assertGeneratedSpec has seen to
  const matrix = (count: number): Value =>
    constant(tensor("float32", [count, count], smoothingMatrix(count, blur)));
  const rows = matMul(sub(images, 0.5), transpose(matrix(width), [1, 0])); // [batch, channels, height, width]
  return clip(add(matMul(matrix(height), rows), 0.5), 0, 1);
}
