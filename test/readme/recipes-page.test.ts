/** @file docs/recipes.md says of every key what it is, and its recipe is one. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseRecipe } from "../../src/config/index.ts";

const page = readFileSync("docs/recipes.md", "utf8");
const schema = JSON.parse(readFileSync("schemas/recipe.schema.json", "utf8"));

/** Names of all keys below a part of the schema, those of networks and of other pages aside. */
function keysOf(part: unknown, known = new Set<string>()): Set<string> {
  if (typeof part !== "object" || part === null) return known;
  for (const [name, inner] of Object.entries(part)) {
    if (name === "properties" && !("family" in inner))
      for (const key of Object.keys(inner)) known.add(key);
    keysOf(inner, known);
  }
  return known;
}

test("the page's recipe is one", () => {
  const [, text] = /```yaml\n([\s\S]*?)```/.exec(page)!;
  expect(parseRecipe(text!, "docs/recipes.md").student).toMatchObject({ hidden: [16] });
});

test.each(["training", "distillation", "labels", "checkpoints"])(
  "it names each key of %s",
  (name) => {
    const { $ref: reference, ...own } = schema.properties[name];
    const part = reference ? schema.$defs[reference.split("/").at(-1)] : own;
    const { quantizationAware, pruning, loss, ...properties } = part.properties; // have pages of their own
    const keys = [...keysOf({ properties })];
    expect(keys.filter((key) => !page.includes(key))).toEqual([]);
  },
);

test("it names each section, and each kind of teacher", () => {
  const kinds = ["train", "checkpoint", "model", "ensemble", "specialists", "softLabels"];
  const names = [...Object.keys(schema.properties), ...kinds];
  expect(names.filter((name) => !page.includes(`\`${name}`) && !page.includes(`${name}:`))).toEqual(
    [],
  );
});
