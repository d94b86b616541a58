/**
 * @file What a layer is: parameters, an output shape, a cost, and how it builds its part of the
 * graph.
 */

import type { Value } from "../graph/index.ts";
import type { Shape } from "../tensor/index.ts";
import type { ParameterSpec } from "./parameter.ts";

/** What a layer may ask for while it builds. */
export interface LayerContext {
  /** where the layer stands in its network: "block1/conv1" */
  readonly path: string;
  /** training and inference differ in dropout and batch normalisation */
  readonly training: boolean;
  /** the layer's own parameter, by its short name ("kernel") */
  readonly parameter: (name: string) => Value;
  /** uint32 [], new at every training step; dropout draws from (seed, stream) */
  readonly seed: () => Value;
  /** a number that no other layer of the network has */
  readonly stream: number;
  /**
   * bool [batch, positions] where samples are sequences filled up with padding: true at real
   * positions
   */
  readonly mask?: Value | undefined;
  /** as ForwardContext has it */
  readonly recurrenceAtOnce?: boolean | undefined;
  /** records the next value of a statistic */
  readonly updateStatistic: (name: string, next: Value) => void;
  /** as ForwardContext has it */
  readonly tap?: ((path: string, output: Value) => void) | undefined;
}

/** Shapes are of one sample, without the batch axis. */
export interface Layer {
  /** shown in summaries: "dense", "conv2d" */
  readonly kind: string;
  /** short names; the network puts the layer's path in front */
  readonly parameters: readonly ParameterSpec[];
  readonly outputShape: Shape;
  /** multiply-accumulate operations for one sample */
  readonly macs: number;
  /** of a layer that takes token ids: how many different ones */
  readonly vocabulary?: number;
  /** @param x float32 [batch, ...inputShape]. @returns float32 [batch, ...outputShape] */
  readonly apply: (x: Value, context: LayerContext) => Value;
}

/** A layer before its input shape is known. */
export type LayerBuilder = (inputShape: Shape) => Layer;

/** @returns a layer without parameters or cost that keeps the shape */
export function shapeKeeping(kind: string, apply: Layer["apply"]): LayerBuilder {
  return (outputShape) => ({ kind, parameters: [], outputShape, macs: 0, apply });
}
