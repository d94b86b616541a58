/** @file A model with more classes: all that it has learned, and drawn weights for what is new. */

import { classAxes, initialParameters } from "../engine/nn/index.ts";
import type { Tensor } from "../engine/tensor/index.ts";
import { ConfigError } from "../errors/index.ts";
import { assertWeights, type Model, networkOf } from "./training/model-file.ts";

/**
 * The same network for more classes, or for the same in another order. All layers are taken over;
 * in weights with an axis of classes (the output layer's kernel and bias) the rows of the model's
 * classes are put at their new places, by name, and those of new classes are drawn by the seed, as
 * a new network's are. Ranges of quantisation-aware training are left out: they are not the new
 * network's.
 *
 * @param classNames of the new model; the old one's are among them
 * @returns a model of these classes; tensors that did not change are the old one's own
 * @throws as assertExtends
 * @see Li, Hoiem (2016), Learning without Forgetting, §3, arXiv:1606.09282: drawn output nodes for
 *   the new classes beside the old network
 * @example
 *   const model = extendClasses(old, ["ant", "bee", "cat"], 1); // old knows bee and cat
 */
export function extendClasses(model: Model, classNames: readonly string[], seed: number): Model {
  const { quantization: _, ...old } = model;
  assertExtends(old, classNames, "extendClasses");
  const axes = classAxes(old.spec, old.sample.shape, old.classNames.length);
  const extended = { ...old, classNames };
  const drawn = initialParameters(networkOf(extended).parameters, seed);
  const places = old.classNames.map((name) => classNames.indexOf(name));
  const weights = Array.from(old.weights, ([name, tensor]): [string, Tensor] => {
    const axis = axes.get(name);
    // the network's own names
    return [name, axis === undefined ? tensor : placed(tensor, drawn.get(name)!, axis, places)];
  });
  return { ...extended, weights: new Map(weights) };
}

/** @returns `drawn` with the entries of `own` along an axis at their places */
function placed(
  own: Tensor,
  drawn: Tensor<"float32">,
  axis: number,
  places: readonly number[],
): Tensor<"float32"> {
  const { shape } = drawn;
  const size = (lengths: readonly number[]): number => lengths.reduce((all, one) => all * one, 1);
  const [outer, inner] = [size(shape.slice(0, axis)), size(shape.slice(axis + 1))];
  const into = drawn.data.slice();
  for (let o = 0; o < outer; o++)
    for (const [at, place] of places.entries()) {
      const from = (o * places.length + at) * inner;
      const row = own.data.subarray(from, from + inner) as Float32Array; // weights are float32
      into.set(row, (o * shape[axis]! + place) * inner);
    }
  return { dtype: "float32", shape, data: into };
}

/**
 * @param where names the model in messages
 * @throws ConfigError "config/start" for a class of the model that is not among `classNames`, and
 *   for a network without weights of classes; DataError "model/weights" for weights that are not
 *   the network's
 */
export function assertExtends(model: Model, classNames: readonly string[], where: string): void {
  const { spec, sample, classNames: own } = model;
  const refuse = (rule: string, got: string, fix: string): never => {
    throw new ConfigError("config/start", { where, rule, got, fix });
  };
  if (new Set(classNames).size < classNames.length)
    refuse("classes must all differ", classNames.join(", "), "Name each class once");
  const lost = own.filter((name) => !classNames.includes(name));
  if (lost.length > 0)
    refuse(
      `the model's classes must be among the new ones: ${classNames.join(", ")}`,
      lost.join(", "),
      "Add them to the data's classes, or start from another model",
    );
  if (classAxes(spec, sample.shape, own.length).size === 0)
    refuse(
      "the network must end in a layer with weights for each class",
      spec.family,
      "Use another",
    );
  assertWeights(model, where);
}
