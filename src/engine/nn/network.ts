/** @file A network: named layers one after another, its parameters, and its forward pass. */

import type { Value } from "../graph/index.ts";
import { elementCount, type Shape } from "../tensor/index.ts";
import { chain, type NamedBuilder, type NamedLayer } from "./chain.ts";
import { isTrainable, type ParameterSpec } from "./parameter.ts";

/** What a forward pass needs from outside. */
export interface ForwardContext {
  readonly training: boolean;
  /** by full name: "hidden1/kernel" */
  readonly parameter: (name: string) => Value;
  /** uint32 [], new at every training step */
  readonly seed: () => Value;
  /** bool [batch, positions], true at real positions of sequences with padding; default all */
  readonly mask?: Value | undefined;
  /**
   * recurrent layers as one operator a level (true), in training too: for what rewrites the graph
   * and puts something that can be differentiated in its place; or unrolled over their positions
   * (false), which can be differentiated, in inference too. Default: as is quicker
   */
  readonly recurrenceAtOnce?: boolean | undefined;
  /** next values of statistics, by full name */
  readonly updateStatistic: (name: string, next: Value) => void;
  /** is told each parameter as layers get it, by full name: masked, where the network is pruned */
  readonly tapParameter?: ((name: string, value: Value) => void) | undefined;
  /** is told what each layer gives, by the layer's path: "block1/conv1" */
  readonly tap?: ((path: string, output: Value) => void) | undefined;
}

/**
 * Samples in, and one tensor out: logits of a classifier, which most are, or an autoencoder's
 * reconstruction. Plain data and one function.
 */
export interface Network {
  /** says the architecture in one line: "mlp 784-1200-1200-10" */
  readonly name: string;
  /** of one sample */
  readonly inputShape: Shape;
  readonly layers: readonly NamedLayer[];
  readonly parameters: readonly ParameterSpec[];
  /** of one sample: [classes] of a classifier, the input's shape of an autoencoder */
  readonly outputShape: Shape;
  /** elements of an output: the number of classes of a classifier */
  readonly classCount: number;
  /** of a network whose samples are token ids: how many different ones */
  readonly vocabulary?: number | undefined;
  /** @param x float32 [batch, ...inputShape]. @returns float32 [batch, ...outputShape] */
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
  builders: readonly NamedBuilder[],
): Network {
  const { layers, parameters, outputShape, apply } = chain(inputShape, builders);
  const forward = (x: Value, context: ForwardContext): Value => {
    const parameter = (name: string): Value => {
      const value = context.parameter(name);
      context.tapParameter?.(name, value);
      return value;
    };
    return apply(x, (path, stream) => ({
      path,
      training: context.training,
      parameter: (own) => parameter(`${path}/${own}`),
      seed: context.seed,
      stream,
      mask: context.mask,
      recurrenceAtOnce: context.recurrenceAtOnce,
      tap: context.tap,
      updateStatistic: (own, statistic) => context.updateStatistic(`${path}/${own}`, statistic),
    }));
  };
  const classCount = elementCount(outputShape);
  const vocabulary = layers[0]?.layer.vocabulary;
  return { name, inputShape, layers, parameters, outputShape, classCount, vocabulary, forward };
}
