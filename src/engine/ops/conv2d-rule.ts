/**
 * @file What conv2d and its two gradient operators share: options, attributes and the rule of
 *   channels and groups.
 */

import { ConfigError, ShapeError } from "../../errors/index.ts";
import type { TensorType } from "../graph/index.ts";
import { showShape } from "../tensor/index.ts";
import { assertRank } from "./assert.ts";
import { resolveWindow, type Size2d, type Window, type WindowOptions } from "./window.ts";

export interface Conv2dOptions extends WindowOptions {
  /** input and output channels are cut into so many groups that do not see each other; default 1 */
  readonly groups?: number;
}

export type Conv2dAttrs = Window & { readonly groups: number };

const kernelLayout = "[out, in/groups, kernelHeight, kernelWidth]";

/** @returns the window of a kernel tensor over an image of the given size, and the groups */
export function convAttrs(
  where: string,
  size: Size2d,
  kernel: TensorType,
  options: Conv2dOptions,
): Conv2dAttrs {
  assertRank(where, kernel, 4, kernelLayout);
  return convAttrsOf(where, size, [kernel.shape[2]!, kernel.shape[3]!], options);
}

/** As `convAttrs`, for a kernel size that is known without the kernel. */
export function convAttrsOf(
  where: string,
  size: Size2d,
  kernelSize: Size2d,
  options: Conv2dOptions,
): Conv2dAttrs {
  const groups = options.groups ?? 1;
  if (!Number.isInteger(groups) || groups < 1)
    throw new ConfigError("config/range", {
      where,
      rule: "groups must be an integer of at least 1",
      got: String(groups),
      details: { groups },
    });
  return { ...resolveWindow(where, size, kernelSize, options), groups };
}

/** @throws ShapeError "shape/groups" unless groups divides both numbers of channels */
export function assertGroups(where: string, inputs: number, outputs: number, groups: number): void {
  if (inputs % groups !== 0 || outputs % groups !== 0)
    throw new ShapeError("shape/groups", {
      where,
      rule: `groups = ${groups} must divide the input channels and the output channels`,
      got: `${inputs} and ${outputs}`,
      fix: "Choose a common divisor of both",
      details: { inputs, outputs, groups },
    });
}

/**
 * @throws ShapeError "shape/groups"; "shape/mismatch" unless the kernel covers in/groups channels
 */
export function assertConvChannels(
  where: string,
  channels: number,
  kernel: TensorType,
  groups: number,
): void {
  assertGroups(where, channels, kernel.shape[0]!, groups);
  if (kernel.shape[1] !== channels / groups)
    throw new ShapeError("shape/mismatch", {
      where,
      rule: `the kernel ${kernelLayout} must cover in/groups = ${channels / groups} channels`,
      got: `a kernel of ${showShape(kernel.shape)}`,
      fix: "Make the kernel's second axis in/groups",
      details: { channels, kernel: kernel.shape, groups },
    });
}
