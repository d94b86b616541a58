/**
 * @file The recipe's JSON Schema, for editors. schemas/recipe.schema.json is generated from it.
 */

import * as z from "zod";
import { recipeSchema } from "./recipe.ts";

/** @returns JSON Schema, draft 2020-12 */
export function recipeJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(recipeSchema, { io: "input", reused: "ref" });
  return {
    $schema,
    title: "Potstill recipe",
    ...schema,
  };
}
