/** @file docs/recipes.md has a row for every key, and its recipe is one. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseRecipe } from "../../src/app/spec/index.ts";

const page = readFileSync("docs/recipes.md", "utf8");
const schema = JSON.parse(readFileSync("schemas/recipe.schema.json", "utf8"));

/** Words in code in the first cells of a section's table. */
function firstCells(title: string): readonly string[] {
  const section = page.slice(page.indexOf(title)).slice(title.length).split("\n## ")[0]!;
  const cells = section
    .split("\n")
    .flatMap((line) => (line.startsWith("| `") ? [line.split(" | ")[0]!] : []));
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!));
}

interface Part {
  readonly $ref?: string;
  readonly properties: object;
  readonly required: readonly string[];
}

/** @returns a part of the schema, or what it refers to */
const resolved = (part: Part): Part =>
  part.$ref === undefined ? part : schema.$defs[part.$ref.split("/").at(-1)!];

const keysOf = (section: string): readonly string[] =>
  Object.keys(resolved(schema.properties[section]).properties);

test("the page's recipe is one", () => {
  const [, text] = /```yaml\n([\s\S]*?)```/.exec(page)!;
  expect(parseRecipe(text!, "docs/recipes.md").student).toMatchObject({ hidden: [16] });
});

test.each([
  ["## Distillation", "distillation"],
  ["## Training", "training"],
])("%s has a row for each key, and no other", (title, section) => {
  expect([...firstCells(title)].sort()).toEqual([...keysOf(section)].sort());
});

test("its first table has each section, and names the keys of those that have no page", () => {
  const sections = firstCells("# Recipes");
  const named = ["name", "description"]; // in the recipe above the table
  expect([...named, ...sections].sort()).toEqual(Object.keys(schema.properties).sort());
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  for (const section of ["labels", "checkpoints"]) {
    const row = rows.find((line) => line.split(" | ")[0]!.includes(`\`${section}\``));
    for (const key of keysOf(section)) expect(row).toContain(`\`${key}\``);
  }
});

test("there is a row for each kind of teacher", () => {
  const [, ...cells] = firstCells("## Teachers"); // without the head
  const kinds = cells.map((word) => /\w+/.exec(word)![0]);
  const forms: readonly Part[] = schema.properties.teacher.anyOf;
  expect([...kinds].sort()).toEqual(forms.map((form) => resolved(form).required[0]).sort());
});
