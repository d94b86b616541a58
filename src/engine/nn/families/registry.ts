/** @file The closed registry of model families, and networks as data. */

import { unknownName } from "../../../errors/index.ts";
import type { LogMelOptions } from "../../ops/index.ts";
import type { Shape } from "../../tensor/index.ts";
import type { Network } from "../network.ts";
import { type AutoencoderOptions, autoencoder } from "./autoencoder.ts";
import { type CnnOptions, cnn } from "./cnn.ts";
import { type DsCnnOptions, dsCnn } from "./ds-cnn.ts";
import { type GruOptions, gru } from "./gru.ts";
import { afterLogMel } from "./log-mel-front.ts";
import { type MlpOptions, mlp } from "./mlp.ts";
import { type MobileNetV1Options, mobileNetV1 } from "./mobile-net-v1.ts";
import { type Resnet8Options, resnet8 } from "./resnet8.ts";
import { type TcnOptions, tcn } from "./tcn.ts";
import { type TinyTransformerOptions, tinyTransformer } from "./tiny-transformer.ts";

/** The options of each family. */
interface Options {
  readonly mlp: MlpOptions;
  readonly cnn: CnnOptions;
  readonly resnet8: Resnet8Options;
  readonly dsCnn: DsCnnOptions;
  readonly mobileNetV1: MobileNetV1Options;
  readonly gru: GruOptions;
  readonly tcn: TcnOptions;
  readonly tinyTransformer: TinyTransformerOptions;
  readonly autoencoder: AutoencoderOptions;
}

type Family = keyof Options;

/** A family with its options. */
type FamilySpec = { [F in Family]: { readonly family: F } & Options[F] }[Family];

type Builder<O> = (options: O, inputShape: Shape, classes: number) => Network;

const builders: { readonly [F in Family]: Builder<Options[F]> } = {
  mlp,
  cnn,
  resnet8,
  dsCnn,
  mobileNetV1,
  gru,
  tcn,
  tinyTransformer,
  autoencoder,
};

/** A network as data: what recipes and checkpoints hold. */
export type NetworkSpec = FamilySpec & {
  /**
   * the first layer, for samples that are sound [samples]: the family sees its features [1, frames,
   * mels]
   */
  readonly logMel?: LogMelOptions;
};

export const families: readonly Family[] = Object.keys(builders) as Family[]; // its own keys

/**
 * @param inputShape of one sample
 * @param classes logits; an autoencoder reconstructs its input and has none
 * @throws ShapeError if the family, or logMel, cannot take this input; ConfigError
 *   "config/unknown-name", "config/range"; the errors of `logMel`
 */
export function buildNetwork(spec: NetworkSpec, inputShape: Shape, classes: number): Network {
  if (!families.includes(spec.family))
    throw unknownName("buildNetwork", "family", spec.family, families);
  // the table's key is the spec's family, so the builder takes its options
  const build = builders[spec.family] as Builder<FamilySpec>;
  return spec.logMel === undefined
    ? build(spec, inputShape, classes)
    : afterLogMel(spec.logMel, inputShape, (shape) => build(spec, shape, classes));
}
