/** @file Reads recipes: the user's files, and the ready ones that come with the package. */

import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readFileBytes } from "../../data/sources/index-node.ts";
import { DataError, isDistillError, nearestName } from "../../errors/index.ts";
import { type PlaceOf, parseRecipe, type Recipe, recipePlaces } from "../spec/index.ts";

const recipesFolder = fileURLToPath(new URL("../../../recipes/", import.meta.url)); // beside src and dist

/** @returns paths of the recipes that come with the package */
export function readyRecipes(): readonly string[] {
  return readdirSync(recipesFolder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => join(recipesFolder, name));
}

/** @returns the path of a ready recipe by its name, without .yaml */
export function readyRecipe(name: string): string {
  return join(recipesFolder, `${name}.yaml`);
}

/**
 * @param overrides "key=value"
 * @throws DataError "file/missing" with the nearest recipe; ConfigError as parseRecipe
 */
export async function readRecipe(path: string, overrides: readonly string[]): Promise<Recipe> {
  return parseRecipe(await recipeText(path), path, overrides);
}

/** @returns the recipe with the places of its values. @throws as readRecipe */
export async function readRecipeWithPlaces(
  path: string,
  overrides: readonly string[],
): Promise<{ readonly recipe: Recipe; readonly placeOf: PlaceOf }> {
  const text = await recipeText(path);
  return {
    recipe: parseRecipe(text, path, overrides),
    placeOf: recipePlaces(text, path, overrides),
  };
}

/** @returns a recipe file as it is. @throws DataError "file/missing" with the nearest recipe */
export async function recipeText(path: string): Promise<string> {
  return new TextDecoder().decode(await recipeBytes(path));
}

async function recipeBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFileBytes(path, "a recipe");
  } catch (error) {
    if (!isDistillError(error) || error.code !== "file/missing") throw error;
    const beside = yamlFiles(dirname(path));
    const near = nearestName(basename(path), beside);
    const ready = readyRecipes().map((file) => basename(file));
    throw new DataError("file/missing", {
      where: path,
      rule: "the recipe must be a file",
      got: "no such file",
      fix:
        near === undefined
          ? `Give the path of a recipe; ready ones are in ${recipesFolder}: ${ready.join(", ")}`
          : `Did you mean "${join(dirname(path), near)}"? Otherwise correct the path`,
      cause: error,
    });
  }
}

function yamlFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  } catch {
    return []; // no such folder: nothing to suggest from it
  }
}
