/** @file Multilayer perceptron. */

import { elementCount, type Shape } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { type ActivationName, activation } from "../layers/activation.ts";
import { dense } from "../layers/dense.ts";
import { dropout } from "../layers/dropout.ts";
import { flatten } from "../layers/flatten.ts";
import { type Network, sequential } from "../network.ts";

export interface MlpOptions {
  /** units of each hidden layer: [1200, 1200]; [] is a linear classifier */
  readonly hidden: readonly number[];
  /** default relu */
  readonly activation?: ActivationName;
  /** dropout rate on the inputs, in [0, 1); default 0 */
  readonly inputDropout?: number;
  /** dropout rate after each hidden layer, in [0, 1); default 0 */
  readonly dropout?: number;
}

/** @param inputShape of one sample; flattened. @returns a network with layers hidden1, …, output */
export function mlp(options: MlpOptions, inputShape: Shape, classes: number): Network {
  const { hidden, inputDropout = 0, dropout: rate = 0 } = options;
  const drop = (name: string, share: number): (readonly [string, LayerBuilder])[] =>
    share === 0 ? [] : [[name, dropout(share)]];
  const layers = hidden.flatMap((units, index): (readonly [string, LayerBuilder])[] => [
    [`hidden${index + 1}`, dense(units)],
    [`activation${index + 1}`, activation(options.activation)],
    ...drop(`dropout${index + 1}`, rate),
  ]);
  const sizes = [elementCount(inputShape), ...hidden, classes];
  return sequential(`mlp ${sizes.join("-")}`, inputShape, [
    ["flatten", flatten()],
    ...drop("inputDropout", inputDropout),
    ...layers,
    ["output", dense(classes)],
  ]);
}
