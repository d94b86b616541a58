/**
 * @file Temperature as an option: a fixed number, or a value fed at each step so that a schedule
 * needs no new graph.
 */

import type { Value } from "../../engine/graph/index.ts";
import { showShape } from "../../engine/tensor/index.ts";
import { ConfigError, ShapeError } from "../../errors/index.ts";

/** T > 0, dimensionless: a number, or float32 []. */
export type Temperature = number | Value;

/**
 * @throws ConfigError "config/range" if a number is not > 0 and finite; ShapeError "shape/rank" if
 *   a value is no scalar
 */
export function assertTemperature(where: string, temperature: Temperature): void {
  if (typeof temperature !== "number") {
    if (temperature.shape.length > 0)
      throw new ShapeError("shape/rank", {
        where,
        rule: "temperature must be a scalar",
        got: showShape(temperature.shape),
        fix: "Feed one number a step",
      });
  } else if (!(temperature > 0 && Number.isFinite(temperature)))
    throw new ConfigError("config/range", {
      where,
      rule: "temperature must be greater than 0",
      got: String(temperature),
      fix: "Use 4, the default, or a value between 1 and 20",
      details: { temperature },
    });
}
