/** @file Layers of sequences, and arrangements: transpose, slice, gruSequence. */

import { showShape } from "../../../engine/tensor/index.ts";
import { constantData } from "../fold-batch-norm.ts";
import { type Lowering, refusal } from "./lowering.ts";

/** A transpose of the two axes of a sequence; one that moves axes of 1 only is a reshape. */
export const lowerTranspose: Lowering = (value) => {
  const x = value.inputs[0]!;
  const perm = value.attrs.perm as readonly number[]; // transpose's own attribute
  const moved = perm.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, at) => at === 0 || axis > moved[at - 1]!))
    return { kind: "reshape", inputs: [x], output: value };
  if (perm.join() === "0,2,1") return { kind: "swapAxes", inputs: [x], output: value };
  throw refusal(
    value,
    "a transpose must swap the axes of a sequence, [0, 2, 1]",
    `${showShape(perm)} of ${showShape(x.shape)}`,
    "Lay the samples out as the network wants them, or use strides and padding of a convolution",
  );
};

export const lowerSlice: Lowering = (value) => {
  const x = value.inputs[0]!;
  const { axes, starts, steps } = value.attrs as Readonly<Record<string, readonly number[]>>; // slice's
  const isRows = x.shape.length === 3 && axes!.join() === "1" && steps!.join() === "1";
  if (!isRows)
    throw refusal(
      value,
      "slice must take positions of a sequence [1, positions, features]",
      `axes ${showShape(axes!)} of ${showShape(x.shape)}`,
      "Use a pool or the strides of a convolution",
    );
  return { kind: "slice", inputs: [x], output: value, start: starts![0]! * x.shape[2]! };
};

export const lowerGruSequence: Lowering = (value) => {
  const [x, ...weights] = value.inputs;
  const [kernel, recurrentKernel, bias] = weights.map(constantData);
  if (kernel === undefined || recurrentKernel === undefined || bias === undefined)
    throw refusal(
      value,
      "weights must be constants",
      weights.map(({ op }) => op).join(", "),
      "Build the graph with its weights baked in",
    );
  const linearBeforeReset = value.attrs.linearBeforeReset === true;
  return {
    kind: "gru",
    inputs: [x!],
    output: value,
    kernel,
    recurrentKernel,
    bias,
    linearBeforeReset,
  };
};
