/** @file A sweep over the small recipe of the tests, prepared as potstill sweep does it. */

import { join } from "node:path";
import { beforeEach } from "vitest";
import { tinyRecipe, useFolder, writeTable } from "../../../../test/support/command-line.ts";
import { type PreparedSweep, prepareSweep } from "./conduct-sweep.ts";

/** A folder with the table, made anew for each test, and the recipe's text that names it. */
export function useTinyTable(): { readonly path: string; readonly recipe: string } {
  const folder = useFolder();
  const table = (): string => join(folder.path, "data.csv");
  beforeEach(() => writeTable(table()));
  return {
    get path() {
      return folder.path;
    },
    get recipe() {
      return tinyRecipe.replace("data.csv", table());
    },
  };
}

export function preparedSweep(
  folder: string,
  recipeText: string,
  axes: readonly string[],
  scratch = false,
): Promise<PreparedSweep> {
  return prepareSweep({
    format: "potstill-sweep-1",
    recipeText,
    recipeFile: "tiny.yaml",
    axes,
    seeds: [1],
    scratch,
    halving: false,
    test: false,
    commandLine: "test",
    folder,
  });
}
