/** @file The points that a sweep is asked for, and what executes their graphs. */

import type { Provider } from "../../../engine/runtime/node.ts";
import { ConfigError } from "../../../errors/index.ts";
import { parseAxis, type Recipe, type SweepPoint, sweepPoints } from "../../spec/index.ts";
import type { SweepRequest } from "./sweep-folder.ts";

/**
 * Checks every point's recipe, and reads no data.
 *
 * @returns the points, one at least, all of one provider
 * @throws ConfigError as sweepPoints; "config/conflict" for points of several providers
 */
export function requestedPoints({
  recipeText,
  recipeFile,
  axes,
}: Pick<SweepRequest, "recipeText" | "recipeFile" | "axes">): readonly SweepPoint[] {
  const points = sweepPoints(recipeText, recipeFile, axes.map(parseAxis));
  assertOneProvider(points);
  return points;
}

/** @returns what executes a recipe's graphs */
export function providerOf({ provider = "cpu" }: Pick<Recipe, "provider">): Provider {
  return provider;
}

/** Latencies are compared, and one runtime measures all of them. */
function assertOneProvider(points: readonly SweepPoint[]): void {
  const providers = [...new Set(points.map(({ recipe }) => providerOf(recipe)))];
  if (providers.length === 1) return;
  throw new ConfigError("config/conflict", {
    where: "sweep, provider",
    rule: "all points of a sweep must run on one provider, since their latencies are compared",
    got: providers.join(" and "),
    fix: `Give one, such as provider=${providers[0]}, and another sweep for each other`,
    details: { providers },
  });
}
