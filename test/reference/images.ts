/** @file Float64 references of convolution, pooling and normalisation by channel. */

import type { Attrs } from "../../src/engine/graph/index.ts";
import { elementCount, type Shape } from "../../src/engine/tensor/index.ts";
import type { Reference } from "./loops.ts";

/**
 * One element under one window: flat positions in x and y, and the tap (a, b) of the window that
 * touches it.
 */
type VisitTap = (x: number, y: number, a: number, b: number) => void;

/**
 * Calls `visit` for every element of x under every window of one plane, windows and taps in
 * row-major order. Taps in the padding are left out.
 *
 * @param size [height, width] of the plane; @param places [height', width'] of the windows
 */
function forEachTap(size: Shape, places: Shape, attrs: Attrs, visit: VisitTap): void {
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

/**
 * Flat positions of an input element, a kernel element and an output element that multiply into
 * each other.
 */
type VisitProduct = (x: number, kernel: number, y: number) => void;

/**
 * Calls `visit` for every product of a convolution: y[·] += x[·] · kernel[·].
 *
 * @param x [batch, in, height, width]; @param y [batch, out, height', width']
 */
function forEachProduct(x: Shape, y: Shape, attrs: Attrs, visit: VisitProduct): void {
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

/**
 * Calls `visit` with flat positions in x and y for every element of x under every window, taps in
 * row-major order.
 */
function forEachPooled(
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
function firstMaxima(
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

const batchNormalization: Reference = (inputs, attrs, { shape }) => {
  const [x, scale, bias, mean, variance] = inputs.map(({ data }) => data);
  const epsilon = Number(attrs.epsilon);
  const inner = elementCount(shape.slice(2));
  const data = x!.map((value, position) => {
    const c = Math.floor(position / inner) % shape[1]!;
    return ((value - mean![c]!) / Math.sqrt(variance![c]! + epsilon)) * scale![c]! + bias![c]!;
  });
  return { shape, data };
};

export const images = {
  averagePool: ([x], attrs, { shape }) => {
    const sums = new Float64Array(elementCount(shape));
    const counts = new Float64Array(sums.length);
    forEachPooled(x!.shape, shape, attrs, (xi, yi) => {
      sums[yi] = sums[yi]! + x!.data[xi]!;
      counts[yi] = counts[yi]! + 1;
    });
    const whole = elementCount(attrs.kernel as readonly number[]); // the window's attribute
    return {
      shape,
      data: sums.map((sum, yi) => sum / (attrs.countIncludesPadding ? whole : counts[yi]!)),
    };
  },
  batchNormalization,
  conv2d: ([x, kernel, bias], attrs, { shape }) => {
    const data = new Float64Array(elementCount(shape));
    const plane = shape[2]! * shape[3]!;
    if (bias !== undefined)
      for (let y = 0; y < data.length; y++) data[y] = bias.data[Math.floor(y / plane) % shape[1]!]!;
    forEachProduct(x!.shape, shape, attrs, (xi, ki, yi) => {
      data[yi] = data[yi]! + x!.data[xi]! * kernel!.data[ki]!;
    });
    return { shape, data };
  },
  conv2dInputGrad: ([dy, kernel], attrs, { shape }) => {
    const data = new Float64Array(elementCount(shape));
    forEachProduct(shape, dy!.shape, attrs, (xi, ki, yi) => {
      data[xi] = data[xi]! + dy!.data[yi]! * kernel!.data[ki]!;
    });
    return { shape, data };
  },
  conv2dWeightGrad: ([x, dy], attrs, { shape }) => {
    const data = new Float64Array(elementCount(shape));
    forEachProduct(x!.shape, dy!.shape, attrs, (xi, ki, yi) => {
      data[ki] = data[ki]! + dy!.data[yi]! * x!.data[xi]!;
    });
    return { shape, data };
  },
  globalAveragePool: ([x], _attrs, { shape }) => {
    const plane = elementCount(x!.shape.slice(2));
    const data = new Float64Array(elementCount(shape));
    for (const [position, value] of x!.data.entries()) {
      const channel = Math.floor(position / plane);
      data[channel] = data[channel]! + value / plane;
    }
    return { shape, data };
  },
  maxPool: ([x], attrs, { shape }) => ({
    shape,
    data: Float64Array.from(firstMaxima(x!, shape, attrs), (position) => x!.data[position]!),
  }),
  maxPoolGrad: ([x, dy], attrs, { shape }) => {
    const data = new Float64Array(x!.data.length);
    for (const [yi, xi] of firstMaxima(x!, dy!.shape, attrs).entries())
      data[xi] = data[xi]! + dy!.data[yi]!;
    return { shape, data };
  },
  normalizeBatch: batchNormalization,
} satisfies Record<string, Reference>;
