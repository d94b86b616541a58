/** @file A network: named layers one after another, its parameters, and its forward pass. */

import { type Value, withOrigin } from "../graph/index.ts";
import { elementCount, type Shape } from "../tensor/index.ts";
import type { Layer, LayerBuilder } from "./layer.ts";
import { isTrainable, type ParameterSpec } from "./parameter.ts";

export interface NamedLayer {
  readonly name: string;
  readonly layer: Layer;
}

/** What a forward pass needs from outside. */
export interface ForwardContext {
  readonly training: boolean;
  /** by full name: "hidden1/kernel" */
  readonly parameter: (name: string) => Value;
  /** uint32 [], new at every training step */
  readonly seed: () => Value;
  /** next values of statistics, by full name */
  readonly updateStatistic: (name: string, next: Value) => void;
}

/** A classifier: samples in, logits out. Plain data and one function. */
export interface Network {
  /** says the architecture in one line: "mlp 784-1200-1200-10" */
  readonly name: string;
  /** of one sample */
  readonly inputShape: Shape;
  readonly layers: readonly NamedLayer[];
  readonly parameters: readonly ParameterSpec[];
  readonly classCount: number;
  /** @param x float32 [batch, ...inputShape]. @returns logits, float32 [batch, classes] */
  readonly forward: (x: Value, context: ForwardContext) => Value;
}

/** @returns the number of trained values */
export function parameterCount({ parameters }: Network): number {
  return parameters
    .filter(isTrainable)
    .reduce((total, { shape }) => total + elementCount(shape), 0);
}

/** @returns multiply-accumulate operations for one sample */
export function macCount({ layers }: Network): number {
  return layers.reduce((total, { layer }) => total + layer.macs, 0);
}

/** Chains layers. @param builders name → layer; each gets the shape that the one before it gives */
export function sequential(
  name: string,
  inputShape: Shape,
  builders: readonly (readonly [name: string, builder: LayerBuilder])[],
): Network {
  const layers: NamedLayer[] = [];
  let shape = inputShape;
  for (const [layerName, builder] of builders) {
    const layer = builder(shape);
    layers.push({ name: layerName, layer });
    shape = layer.outputShape;
  }
  const parameters = layers.flatMap(({ name: path, layer }) =>
    layer.parameters.map((parameter) => ({ ...parameter, name: `${path}/${parameter.name}` })),
  );
  const forward = (x: Value, context: ForwardContext): Value =>
    layers.reduce((value, { name: path, layer }, stream) => {
      const next = layer.apply(value, {
        training: context.training,
        parameter: (own) => context.parameter(`${path}/${own}`),
        seed: context.seed,
        stream,
        updateStatistic: (own, statistic) => context.updateStatistic(`${path}/${own}`, statistic),
      });
      return next === value ? value : withOrigin(next, path);
    }, x);
  return { name, inputShape, layers, parameters, classCount: elementCount(shape), forward };
}
