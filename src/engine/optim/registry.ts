/** @file The closed registry of optimisers, and optimisers as data. */

import { unknownName } from "../../errors/index.ts";
import { type AdamOptions, adam, adamW } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";
import { type SgdOptions, sgd } from "./sgd.ts";

/** An optimiser as data: what recipes hold. */
export type OptimizerSpec =
  | ({ readonly name: "sgd" } & SgdOptions)
  | ({ readonly name: "adam" | "adamW" } & AdamOptions);

export const optimizers: readonly OptimizerSpec["name"][] = ["sgd", "adam", "adamW"];

/** @throws ConfigError "config/unknown-name", "config/range" */
export function buildOptimizer(spec: OptimizerSpec): Optimizer {
  if (!optimizers.includes(spec.name))
    throw unknownName("buildOptimizer", "optimizer", spec.name, optimizers);
  switch (spec.name) {
    case "sgd":
      return sgd(spec);
    case "adam":
      return adam(spec);
    case "adamW":
      return adamW(spec);
  }
}
