/** @file The work of potstill plan. */

import { existsSync } from "node:fs";
import { memoryStore } from "../../data/index.ts";
import { planDistillation, resultStore } from "../../distill/index.ts";
import { resolveRecipe } from "../spec/index.ts";
import { type PlanOverview, planOverview } from "./plan-text.ts";
import { prepare } from "./prepare.ts";
import { readRecipeWithPlaces } from "./recipe-file.ts";
import { withRuntime } from "./start-run.ts";
import { openStoreFolder } from "./store-folder.ts";

/**
 * Plans a recipe's run as potstill distill does. Nothing is written, a store least of all.
 *
 * @param store folder of results, which need not be there
 * @throws what potstill distill would refuse before it begins
 */
export async function planRecipe(
  path: string,
  overrides: readonly string[],
  store: string,
): Promise<PlanOverview> {
  const { recipe: read, placeOf } = await readRecipeWithPlaces(path, overrides);
  const recipe = resolveRecipe(read);
  return withRuntime(async (runtime) => {
    const { options } = await prepare(runtime, recipe, placeOf);
    const planned = await planDistillation({ ...options, createdBy: "potstill" });
    const results = existsSync(store)
      ? (await openStoreFolder(store)).results
      : resultStore(memoryStore("no store"));
    return planOverview(planned, results);
  }, recipe.provider);
}
