/** @file Shapes as images, and windows over them. */

import type { Shape } from "../../../engine/tensor/index.ts";
import type { QuantizedWindow } from "../quantized-graph.ts";

export interface ImageSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** @returns [channels, height, width]; plain features are channels of one pixel */
export function imageOf([channels = 1, height = 1, width = 1]: Shape): ImageSize {
  return { channels, height, width };
}

/** Calls `visit` with each tap of a window that lies inside the image. */
export function forEachTap(
  { kernel, strides, padding, dilations }: QuantizedWindow,
  { height, width }: ImageSize,
  [row, column]: readonly [number, number],
  visit: (pixel: number, tap: number) => void,
): void {
  for (let a = 0; a < kernel[0]; a++) {
    const y = row * strides[0] + a * dilations[0] - padding[0];
    if (y < 0 || y >= height) continue;
    for (let b = 0; b < kernel[1]; b++) {
      const x = column * strides[1] + b * dilations[1] - padding[1];
      if (x >= 0 && x < width) visit(y * width + x, a * kernel[1] + b);
    }
  }
}
