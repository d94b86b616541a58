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

/** A family with its options. */
type FamilySpec =
  | ({ readonly family: "mlp" } & MlpOptions)
  | ({ readonly family: "cnn" } & CnnOptions)
  | ({ readonly family: "resnet8" } & Resnet8Options)
  | ({ readonly family: "dsCnn" } & DsCnnOptions)
  | ({ readonly family: "mobileNetV1" } & MobileNetV1Options)
  | ({ readonly family: "gru" } & GruOptions)
  | ({ readonly family: "tcn" } & TcnOptions)
  | ({ readonly family: "tinyTransformer" } & TinyTransformerOptions)
  | ({ readonly family: "autoencoder" } & AutoencoderOptions);

/** A network as data: what recipes and checkpoints hold. */
export type NetworkSpec = FamilySpec & {
  /**
   * the first layer, for samples that are sound [samples]: the family sees its features [1, frames,
   * mels]
   */
  readonly logMel?: LogMelOptions;
};

export const families: readonly NetworkSpec["family"][] = [
  "mlp",
  "cnn",
  "resnet8",
  "dsCnn",
  "mobileNetV1",
  "gru",
  "tcn",
  "tinyTransformer",
  "autoencoder",
];

/**
 * @param inputShape of one sample
 * @param classes logits; an autoencoder reconstructs its input and has none
 * @throws ShapeError if the family, or logMel, cannot take this input; ConfigError
 *   "config/unknown-name", "config/range"; the errors of `logMel`
 */
export function buildNetwork(spec: NetworkSpec, inputShape: Shape, classes: number): Network {
  if (!families.includes(spec.family))
    throw unknownName("buildNetwork", "family", spec.family, families);
  return spec.logMel === undefined
    ? familyNetwork(spec, inputShape, classes)
    : afterLogMel(spec.logMel, inputShape, (shape) => familyNetwork(spec, shape, classes));
}

function familyNetwork(spec: FamilySpec, inputShape: Shape, classes: number): Network {
  switch (spec.family) {
    case "mlp":
      return mlp(spec, inputShape, classes);
    case "cnn":
      return cnn(spec, inputShape, classes);
    case "resnet8":
      return resnet8(spec, inputShape, classes);
    case "dsCnn":
      return dsCnn(spec, inputShape, classes);
    case "mobileNetV1":
      return mobileNetV1(spec, inputShape, classes);
    case "gru":
      return gru(spec, inputShape, classes);
    case "tcn":
      return tcn(spec, inputShape, classes);
    case "tinyTransformer":
      return tinyTransformer(spec, inputShape, classes);
    case "autoencoder":
      return autoencoder(spec, inputShape);
  }
}
