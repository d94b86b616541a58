/**
 * @file The one loop nest of convolution in float64, which the operator and its two gradients all
 *   are.
 */

import type { Attrs } from "../graph/index.ts";
import type { Shape } from "../tensor/index.ts";
import { forEachTap } from "./window.reference.ts";

/**
 * Flat positions of an input element, a kernel element and an output element that multiply into
 * each other.
 */
export type VisitProduct = (x: number, kernel: number, y: number) => void;

/**
 * Calls `visit` for every product of a convolution: y[·] += x[·] · kernel[·].
 *
 * @param x [batch, in, height, width]; @param y [batch, out, height', width']
 */
export function forEachProduct(x: Shape, y: Shape, attrs: Attrs, visit: VisitProduct): void {
  const [batch, channels] = [x[0]!, x[1]!];
  const outputs = y[1]!;
  const groups = Number(attrs.groups);
  const [height, width] = attrs.kernel as readonly [number, number]; // the window's attribute
  const perGroup = channels / groups;
  const xPlane = x[2]! * x[3]!;
  const yPlane = y[2]! * y[3]!;
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outputs; o++)
      for (let c = 0; c < perGroup; c++) {
        const group = Math.floor(o / (outputs / groups));
        const xStart = (n * channels + group * perGroup + c) * xPlane;
        const yStart = (n * outputs + o) * yPlane;
        const kernelStart = (o * perGroup + c) * height * width;
        forEachTap(x.slice(2), y.slice(2), attrs, (xi, yi, a, b) =>
          visit(xStart + xi, kernelStart + a * width + b, yStart + yi),
        );
      }
}
