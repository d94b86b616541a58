/** @file Named layers one after another: what networks and composite layers are made of. */

import { ConfigError } from "../../errors/index.ts";
import { type Value, withOrigin } from "../graph/index.ts";
import type { Shape } from "../tensor/index.ts";
import type { Layer, LayerBuilder, LayerContext } from "./layer.ts";
import type { ParameterSpec } from "./parameter.ts";

export interface NamedLayer {
  readonly name: string;
  readonly layer: Layer;
}

/** A layer of a chain before its input shape is known; names are unique within the chain. */
export type NamedBuilder = readonly [name: string, builder: LayerBuilder];

interface Chain {
  readonly layers: readonly NamedLayer[];
  /** names start with the layer's */
  readonly parameters: readonly ParameterSpec[];
  readonly outputShape: Shape;
  /** for one sample */
  readonly macs: number;
  /** @param contextOf context of the layer with this name and place */
  readonly apply: (x: Value, contextOf: (name: string, place: number) => LayerContext) => Value;
}

/** @returns a layer's parameters with the layer's name in front */
export function parametersUnder({ name, layer }: NamedLayer): ParameterSpec[] {
  return layer.parameters.map((parameter) => ({ ...parameter, name: `${name}/${parameter.name}` }));
}

/** @throws ConfigError "config/duplicate-name" */
export function assertUniqueNames(names: readonly string[]): void {
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined)
    throw new ConfigError("config/duplicate-name", {
      where: "layers",
      rule: "layers side by side must have different names",
      got: `"${twice}" twice`,
      fix: "Rename one: parameters are found by it",
      details: { names },
    });
}

/**
 * Chains layers; each gets the shape that the one before it gives.
 *
 * @throws ConfigError "config/duplicate-name"; whatever a layer refuses
 */
export function chain(inputShape: Shape, builders: readonly NamedBuilder[]): Chain {
  assertUniqueNames(builders.map(([name]) => name));
  const layers: NamedLayer[] = [];
  let outputShape = inputShape;
  for (const [name, builder] of builders) {
    const layer = builder(outputShape);
    layers.push({ name, layer });
    outputShape = layer.outputShape;
  }
  return {
    layers,
    parameters: layers.flatMap(parametersUnder),
    outputShape,
    macs: layers.reduce((total, { layer }) => total + layer.macs, 0),
    apply: (x, contextOf) =>
      layers.reduce((value, { name, layer }, place) => {
        const context = contextOf(name, place);
        const next = layer.apply(value, context);
        const output = next === value ? value : withOrigin(next, context.path);
        context.tap?.(context.path, output);
        return output;
      }, x),
  };
}

/**
 * Places of one chain have streams of their own as long as no chain holds more layers than this.
 */
const streamsPerLayer = 256;

/** @returns the context of a layer inside the one that `outer` belongs to */
export function innerContext(outer: LayerContext, name: string, place: number): LayerContext {
  return {
    ...outer,
    path: `${outer.path}/${name}`,
    parameter: (own) => outer.parameter(`${name}/${own}`),
    stream: (outer.stream + 1) * streamsPerLayer + place,
    updateStatistic: (own, next) => outer.updateStatistic(`${name}/${own}`, next),
  };
}
