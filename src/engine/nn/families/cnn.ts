/**
 * @file Plain convolutional network: blocks of convolution, activation and pooling, then dense
 * layers.
 */

import type { Shape } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { type ActivationName, activation, isMonotonic } from "../layers/activation.ts";
import { conv2d } from "../layers/conv2d.ts";
import { dense } from "../layers/dense.ts";
import { dropout } from "../layers/dropout.ts";
import { flatten } from "../layers/flatten.ts";
import { batchNorm } from "../layers/normalization.ts";
import { globalAveragePool, pool2d } from "../layers/pooling.ts";
import { type Network, sequential } from "../network.ts";

export interface CnnOptions {
  /** output channels of each block: [32, 64] */
  readonly channels: readonly number[];
  /** side of the square kernels; default 3 */
  readonly kernel?: number;
  /** default relu */
  readonly activation?: ActivationName;
  /** batch normalisation after each convolution; default false */
  readonly batchNorm?: boolean;
  /** pooling at the end of each block, by 2; default max */
  readonly pooling?: "max" | "average";
  /** units of the dense layers after the blocks; default [] */
  readonly hidden?: readonly number[];
  /** average over positions in place of flattening; default false */
  readonly globalPooling?: boolean;
  /** dropout rate before each dense layer, in [0, 1); default 0 */
  readonly dropout?: number;
}

/**
 * @param inputShape [channels, height, width]. @throws ShapeError "shape/rank" for anything else
 */
export function cnn(options: CnnOptions, inputShape: Shape, classes: number): Network {
  const { channels, kernel = 3, hidden = [], dropout: rate = 0, pooling = "max" } = options;
  // Before a monotonic activation max pooling may come first: the same function on a quarter of the
  // elements, and its derivative too. A step of the bench's cnn takes 0.9 of the time.
  const inPoolingOrder = (...layers: (readonly [string, LayerBuilder])[]) =>
    pooling === "max" && isMonotonic(options.activation) ? layers.toReversed() : layers;
  const act = (): LayerBuilder => activation(options.activation);
  const blocks = channels.flatMap((count, index): (readonly [string, LayerBuilder])[] => [
    [
      `conv${index + 1}`,
      conv2d({ channels: count, kernel: [kernel, kernel], bias: !options.batchNorm }),
    ],
    ...(options.batchNorm ? [[`norm${index + 1}`, batchNorm()] as const] : []),
    ...inPoolingOrder([`activation${index + 1}`, act()], [`pool${index + 1}`, pool2d(pooling, 2)]),
  ]);
  const drop = (name: string): (readonly [string, LayerBuilder])[] =>
    rate === 0 ? [] : [[name, dropout(rate)]];
  const head = hidden.flatMap((units, index): (readonly [string, LayerBuilder])[] => [
    ...drop(`dropout${index + 1}`),
    [`hidden${index + 1}`, dense(units)],
    [`hiddenActivation${index + 1}`, act()],
  ]);
  const title = [`cnn ${channels.join("-")}`, ...hidden, classes].join("-");
  return sequential(title, inputShape, [
    ...blocks,
    ["flatten", options.globalPooling ? globalAveragePool() : flatten()],
    ...head,
    ...drop("outputDropout"),
    ["output", dense(classes)],
  ]);
}
