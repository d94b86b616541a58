/**
 * @file Sliding windows over [height, width]: the options, checks and sizes that convolution and
 *   pooling share.
 */

import { ConfigError, ShapeError } from "../../errors/index.ts";
import type { TensorType } from "../graph/index.ts";
import { showShape } from "../tensor/index.ts";
import { assertRank } from "./assert.ts";

/** [height, width]. */
export type Size2d = readonly [height: number, width: number];

/** One number for both axes, or [height, width]. */
export type Pair = number | Size2d;

/** Rows and columns added around an image: [top, left, bottom, right], ONNX's order of `pads`. */
export type Pads = readonly [top: number, left: number, bottom: number, right: number];

/**
 * "valid": none. "same": as many as make the output ceil(input / stride), an odd one going to
 * bottom and right (TensorFlow's rule, ONNX's SAME_UPPER). Or the four sizes themselves.
 */
export type Padding = "valid" | "same" | Pads;

/** A window that has been checked: kernel size, strides, padding and dilations, all explicit. */
export type Window = {
  readonly kernel: Size2d;
  readonly strides: Size2d;
  readonly padding: Pads;
  readonly dilations: Size2d;
};

/** What a caller may leave out: strides 1, no padding, dilations 1. */
export interface WindowOptions {
  readonly strides?: Pair;
  readonly padding?: Padding;
  readonly dilations?: Pair;
}

/** The layout of images everywhere in the graph. */
const imageLayout = "[batch, channels, height, width]";

/**
 * @returns both sizes. @throws ConfigError "config/range" unless both are integers of at least 1
 */
export function pairOf(where: string, name: string, pair: Pair): Size2d {
  const sizes: Size2d = typeof pair === "number" ? [pair, pair] : pair;
  if (sizes.length !== 2 || sizes.some((size) => !Number.isInteger(size) || size < 1))
    throw new ConfigError("config/range", {
      where,
      rule: `${name} must be an integer of at least 1, or [height, width] of such`,
      got: showShape(sizes),
      details: { [name]: sizes },
    });
  return [sizes[0], sizes[1]];
}

/** @returns how far the window reaches: (kernel − 1) · dilation + 1 */
export function reachOf({ kernel, dilations }: Pick<Window, "kernel" | "dilations">): Size2d {
  return [(kernel[0] - 1) * dilations[0] + 1, (kernel[1] - 1) * dilations[1] + 1];
}

function assertPads(where: string, pads: Pads): Pads {
  if (pads.length !== 4 || pads.some((size) => !Number.isInteger(size) || size < 0))
    throw new ConfigError("config/range", {
      where,
      rule: 'padding must be "valid", "same" or [top, left, bottom, right], integers of at least 0',
      got: Array.isArray(pads) ? showShape(pads) : JSON.stringify(pads),
      details: { padding: pads },
    });
  return [pads[0], pads[1], pads[2], pads[3]];
}

function samePads(size: Size2d, strides: Size2d, reach: Size2d): Pads {
  const missing = ([0, 1] as const).map((axis) => {
    const outputs = Math.ceil(size[axis] / strides[axis]);
    return Math.max(0, (outputs - 1) * strides[axis] + reach[axis] - size[axis]);
  });
  const [vertical, horizontal] = [missing[0]!, missing[1]!];
  const [top, left] = [Math.floor(vertical / 2), Math.floor(horizontal / 2)];
  return [top, left, vertical - top, horizontal - left];
}

/**
 * @returns height and width of an image. @throws ShapeError "shape/rank" unless it is [batch,
 *   channels, height, width]
 */
export function imageSize(where: string, image: TensorType): Size2d {
  assertRank(where, image, 4, imageLayout);
  return [image.shape[2]!, image.shape[3]!];
}

/**
 * Fills in defaults and turns "same" and "valid" into sizes.
 *
 * @param size height and width of the input
 * @throws ConfigError "config/range" for strides, dilations or padding out of range
 */
export function resolveWindow(
  where: string,
  size: Size2d,
  kernelSize: Pair,
  options: WindowOptions,
): Window {
  const kernel = pairOf(where, "kernel", kernelSize);
  const strides = pairOf(where, "strides", options.strides ?? 1);
  const dilations = pairOf(where, "dilations", options.dilations ?? 1);
  const padding = options.padding ?? "valid";
  if (padding === "same") {
    const pads = samePads(size, strides, reachOf({ kernel, dilations }));
    return { kernel, strides, dilations, padding: pads };
  }
  const pads = padding === "valid" ? ([0, 0, 0, 0] as const) : assertPads(where, padding);
  return { kernel, strides, dilations, padding: pads };
}

/**
 * Number of places that a window takes along each axis:
 * floor((size + padding − reach) / stride) + 1.
 *
 * @throws ShapeError "shape/window" if the window does not fit into the padded input
 */
export function windowOutput(where: string, size: Size2d, window: Window): Size2d {
  const [top, left, bottom, right] = window.padding;
  const padded = [size[0] + top + bottom, size[1] + left + right] as const;
  const reach = reachOf(window);
  if (reach[0] > padded[0] || reach[1] > padded[1])
    throw new ShapeError("shape/window", {
      where,
      rule: `the window must fit into the padded input; it reaches over ${showShape(reach)}`,
      got: `a padded input of ${showShape(padded)}`,
      fix: "Pad more, or take a smaller kernel or dilation",
      details: { size, window },
    });
  return [
    Math.floor((padded[0] - reach[0]) / window.strides[0]) + 1,
    Math.floor((padded[1] - reach[1]) / window.strides[1]) + 1,
  ];
}

/** @throws ShapeError "shape/empty" if an axis of any operand has size 0 */
export function assertNoEmptyAxis(where: string, ...values: readonly TensorType[]): void {
  const empty = values.find((value) => value.shape.includes(0));
  if (empty !== undefined)
    throw new ShapeError("shape/empty", {
      where,
      rule: "every axis must have at least one element",
      got: showShape(empty.shape),
      details: { shape: empty.shape },
    });
}

/** @throws ShapeError "shape/mismatch" unless the operand has the shape that the others imply */
export function assertShape(
  where: string,
  name: string,
  value: TensorType,
  expected: readonly number[],
): void {
  const { shape } = value;
  if (shape.length !== expected.length || shape.some((size, axis) => size !== expected[axis]))
    throw new ShapeError("shape/mismatch", {
      where,
      rule: `${name} must have the shape ${showShape(expected)} that the other operands imply`,
      got: showShape(shape),
      fix: "Make the shapes agree",
      details: { shape, expected },
    });
}
