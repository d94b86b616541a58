/** @file A specialist's first weights: the generalist's, with an output for its own classes. */

import { classAxes } from "../../engine/nn/index.ts";
import type { Tensor } from "../../engine/tensor/index.ts";
import { ConfigError } from "../../errors/index.ts";
import type { Model } from "../training/model-file.ts";

/**
 * All weights are the generalist's. Where a weight has an axis of classes (the output layer's
 * kernel and bias), a special class takes its own row, and the dustbin the mean of the others'
 * rows; the dustbin's bias has log of their number added, as for so many equal logits in one.
 *
 * @param classes indices of the generalist's classes
 * @returns weights of the same network with `classes.length + 1` classes, the dustbin last
 * @throws ConfigError "specialists/network" if the network has no weights with an axis of classes
 */
export function specialistWeights(
  generalist: Model,
  classes: readonly number[],
): ReadonlyMap<string, Tensor> {
  const { spec, sample, classNames, weights } = generalist;
  const axes = classAxes(spec, sample.shape, classNames.length);
  if (axes.size === 0)
    throw new ConfigError("specialists/network", {
      where: "specialists",
      rule: "the generalist must end in a layer with weights for each class",
      got: spec.family,
      fix: "Use a classifier",
    });
  const special = new Set(classes);
  const others = classNames.map((_, index) => index).filter((index) => !special.has(index));
  return new Map(
    Array.from(weights, ([name, tensor]) => {
      const axis = axes.get(name);
      return [name, axis === undefined ? tensor : selected(tensor, axis, classes, others)];
    }),
  );
}

/** @returns the tensor with the axis of classes cut down to `classes` and the dustbin */
function selected(
  { dtype, shape, data }: Tensor,
  axis: number,
  classes: readonly number[],
  others: readonly number[],
): Tensor {
  const width = classes.length + 1;
  const outer = shape.slice(0, axis).reduce((size, length) => size * length, 1);
  const inner = shape.slice(axis + 1).reduce((size, length) => size * length, 1);
  const length = shape[axis]!; // found there
  const shift = shape.length === 1 ? Math.log(others.length) : 0;
  const into = new Float32Array(outer * width * inner);
  const at = (o: number, index: number, i: number): number =>
    Number(data[(o * length + index) * inner + i]);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const put = (place: number, value: number): void => {
        into[(o * width + place) * inner + i] = value;
      };
      for (const [place, index] of classes.entries()) put(place, at(o, index, i));
      const sum = others.reduce((total, index) => total + at(o, index, i), 0);
      put(classes.length, sum / others.length + shift);
    }
  const own = shape.map((each, dimension) => (dimension === axis ? width : each));
  return { dtype, shape: own, data: into } as Tensor; // weights are float32
}
