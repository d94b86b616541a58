/**
 * @file The loops of sliding windows in float64: every pair of an input element and the window
 *   place that covers it.
 */

import type { Attrs } from "../graph/index.ts";
import type { Shape } from "../tensor/index.ts";

/**
 * One element under one window: flat positions in x and y, and the tap (a, b) of the window that
 * touches it.
 */
export type VisitTap = (x: number, y: number, a: number, b: number) => void;

/**
 * Calls `visit` for every element of x under every window of one plane, windows and taps in
 * row-major order. Taps in the padding are left out.
 *
 * @param size [height, width] of the plane; @param places [height', width'] of the windows
 */
export function forEachTap(size: Shape, places: Shape, attrs: Attrs, visit: VisitTap): void {
  const [height, width] = [size[0]!, size[1]!];
  const [kernel, strides] = [numbers(attrs, "kernel"), numbers(attrs, "strides")];
  const [dilations, padding] = [numbers(attrs, "dilations"), numbers(attrs, "padding")];
  for (let i = 0; i < places[0]!; i++)
    for (let j = 0; j < places[1]!; j++)
      for (let a = 0; a < kernel[0]!; a++)
        for (let b = 0; b < kernel[1]!; b++) {
          const row = i * strides[0]! + a * dilations[0]! - padding[0]!;
          const column = j * strides[1]! + b * dilations[1]! - padding[1]!;
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          visit(row * width + column, i * places[1]! + j, a, b);
        }
}

function numbers(attrs: Attrs, name: string): readonly number[] {
  return attrs[name] as readonly number[]; // the window's attributes are lists of numbers
}
