/** @file The loops of pooling in float64: every plane, every window, every element in it. */

import type { Attrs } from "../graph/index.ts";
import { elementCount, type Shape } from "../tensor/index.ts";
import { forEachTap } from "./window.reference.ts";

/**
 * Calls `visit` with flat positions in x and y for every element of x under every window, taps in
 * row-major order.
 */
export function forEachPooled(
  x: Shape,
  y: Shape,
  attrs: Attrs,
  visit: (x: number, y: number) => void,
): void {
  const planes = elementCount(x.slice(0, 2));
  const [xPlane, yPlane] = [elementCount(x.slice(2)), elementCount(y.slice(2))];
  for (let plane = 0; plane < planes; plane++)
    forEachTap(x.slice(2), y.slice(2), attrs, (xi, yi) =>
      visit(plane * xPlane + xi, plane * yPlane + yi),
    );
}

/** @returns for each window the flat position in x of its first largest element */
export function firstMaxima(
  x: { readonly shape: Shape; readonly data: Float64Array },
  y: Shape,
  attrs: Attrs,
): Int32Array {
  const best = new Int32Array(elementCount(y)).fill(-1);
  forEachPooled(x.shape, y, attrs, (xi, yi) => {
    if (best[yi] === -1 || x.data[xi]! > x.data[best[yi]!]!) best[yi] = xi;
  });
  return best;
}
