/** @file Fully connected autoencoder: what is unusual is what it cannot reconstruct. */

import { elementCount, type Shape } from "../../tensor/index.ts";
import type { NamedBuilder } from "../chain.ts";
import { type ActivationName, activation } from "../layers/activation.ts";
import { dense } from "../layers/dense.ts";
import { flatten, unflatten } from "../layers/flatten.ts";
import { batchNorm } from "../layers/normalization.ts";
import { type Network, sequential } from "../network.ts";

export interface AutoencoderOptions {
  /** units of the encoder's layers; the decoder mirrors them; default [128, 128, 128, 128] */
  readonly hidden?: readonly number[];
  /** units in the middle; default 8 */
  readonly bottleneck?: number;
  /** default relu */
  readonly activation?: ActivationName;
  /** batch normalisation after each hidden layer; default true */
  readonly batchNorm?: boolean;
}

/**
 * The anomaly detector of MLPerf Tiny, for 640 features by default: 264,192 multiply-accumulates,
 * 269,992 parameters of which 2,064 are running statistics. (Biases stay, unlike in the
 * convolutional families, since `dense` always has one.)
 *
 * The output is a reconstruction of `inputShape`, no logits: `outputShape` says so, and losses for
 * classes do not apply. It trains by `reconstructionLoss`; the error of a sample says how unusual
 * it is, and `areaUnderRoc` how well that tells anomalies.
 *
 * @param inputShape of one sample; flattened inside
 * @see Banbury et al. (2021), MLPerf Tiny Benchmark, arXiv:2106.07597
 */
export function autoencoder(options: AutoencoderOptions, inputShape: Shape): Network {
  const { hidden = [128, 128, 128, 128], bottleneck = 8, batchNorm: normalised = true } = options;
  const stage = (name: string, units: number): readonly NamedBuilder[] => [
    [name, dense(units)],
    ...(normalised ? [[`${name}Norm`, batchNorm()] as const] : []),
    [`${name}Activation`, activation(options.activation)],
  ];
  const encoder = hidden.flatMap((units, i) => stage(`encoder${i + 1}`, units));
  const decoder = hidden.toReversed().flatMap((units, i) => stage(`decoder${i + 1}`, units));
  const size = elementCount(inputShape);
  const sizes = [size, ...hidden, bottleneck, ...hidden.toReversed(), size];
  return sequential(`autoencoder ${sizes.join("-")}`, inputShape, [
    ["flatten", flatten()],
    ...encoder,
    ...stage("bottleneck", bottleneck),
    ...decoder,
    ["output", dense(size)],
    ["unflatten", unflatten(inputShape)],
  ]);
}
