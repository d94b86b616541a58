/** @file The closed registry of model families, and networks as data. */

import type { Shape } from "../../tensor/index.ts";
import type { Network } from "../network.ts";
import { type CnnOptions, cnn } from "./cnn.ts";
import { type MlpOptions, mlp } from "./mlp.ts";

/** A network as data: what recipes and checkpoints hold. */
export type NetworkSpec =
  | ({ readonly family: "mlp" } & MlpOptions)
  | ({ readonly family: "cnn" } & CnnOptions);

export const families: readonly NetworkSpec["family"][] = ["mlp", "cnn"];

/** @param inputShape of one sample. @throws ShapeError if the family cannot take this input */
export function buildNetwork(spec: NetworkSpec, inputShape: Shape, classes: number): Network {
  switch (spec.family) {
    case "mlp":
      return mlp(spec, inputShape, classes);
    case "cnn":
      return cnn(spec, inputShape, classes);
  }
}
