/** @file Runs a recipe of `recipes/` by the command line, or goes on with it, and gives its report. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const pathOf = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** @returns report.json of a run that is done */
export function reportIn(folder, name) {
  return JSON.parse(readFileSync(join(folder, `${name}-1`, "report.json"), "utf8"));
}

/**
 * Ends this process if the run fails.
 *
 * @param changes `key=value` words for the recipe
 * @returns report.json
 */
export function runRecipe(folder, name, recipe, changes) {
  const run = join(folder, `${name}-1`);
  const words = existsSync(join(run, "run.json"))
    ? ["--resume", run]
    : [pathOf(`recipes/${recipe}.yaml`), `name=${name}`, ...changes, "--runs", folder];
  const { status } = spawnSync(process.execPath, [pathOf("dist/app/cli/main.js"), "distill", ...words], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) process.exit(status ?? 1);
  return reportIn(folder, name);
}
