/**
 * @file From a recipe's text to a checked recipe, or to a sentence for everything that is wrong
 * with it.
 */

import { ConfigError, errorSentence } from "../../errors/index.ts";
import { assertDecoderFits } from "./decoder-schema.ts";
import { withGroupColumn } from "./group-column.ts";
import { findProblems, type Problem } from "./problems.ts";
import { type Recipe, recipeSchema } from "./recipe.ts";
import { type RecipeDocument, readRecipeDocument } from "./recipe-document.ts";
import { assertAlone } from "./transfer-part.ts";

/**
 * @param text YAML
 * @param file names the recipe in messages
 * @param overrides "training.epochs=10", each as strictly checked as the file
 * @throws ConfigError "config/yaml", "config/override"; for a single problem "config/unknown-key",
 *   "config/missing", "config/type", "config/unknown-name", "config/range", "config/conflict" or
 *   "config/value" with file and line; for several "config/problems" with one line each
 * @example
 *   const recipe = parseRecipe(text, "digits.yaml", ["training.epochs=10"]);
 */
export function parseRecipe(text: string, file: string, overrides: readonly string[] = []): Recipe {
  const document = readRecipeDocument(text, file, overrides);
  const problems = findProblems(recipeSchema, document.value);
  if (problems.length > 0) throw problemsError(problems, document, file);
  const recipe = recipeSchema.parse(document.value);
  assertDecoderFits(recipe, document.whereOf);
  assertAlone(recipe.transfer ?? {}, recipe.data);
  return withGroupColumn(recipe, document.whereOf(["split", "by"]));
}

/** @returns "FILE:LINE" of a value in a recipe, or the override that set it */
export type PlaceOf = (path: readonly PropertyKey[]) => string;

/** Where the values of a recipe stand, for what is found wrong later. As parseRecipe takes it. */
export function recipePlaces(
  text: string,
  file: string,
  overrides: readonly string[] = [],
): PlaceOf {
  return readRecipeDocument(text, file, overrides).whereOf;
}

/**
 * Checks a recipe that was stored as plain data, as in report.json.
 *
 * @throws ConfigError as parseRecipe
 */
export function checkRecipe(value: unknown, where: string): Recipe {
  const problems = findProblems(recipeSchema, value);
  if (problems.length > 0) throw problemsError(problems, { value, whereOf: () => where }, where);
  const recipe = recipeSchema.parse(value);
  assertDecoderFits(recipe, () => where);
  assertAlone(recipe.transfer ?? {}, recipe.data);
  return withGroupColumn(recipe, where);
}

function problemsError(
  problems: readonly Problem[],
  { whereOf }: RecipeDocument,
  file: string,
): ConfigError {
  const parts = problems.map(({ code, path, atKey, ...rest }) => ({
    ...rest,
    code,
    where: whereOf(path, atKey),
  }));
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return new ConfigError(first.code, first);
  return new ConfigError("config/problems", {
    where: file,
    rule: `${parts.length} things must be corrected:\n${parts.map(errorSentence).join("\n")}`.replace(
      /\.$/,
      "",
    ),
    details: { problems: parts.map(({ code, where, rule }) => ({ code, where, rule })) },
  });
}
