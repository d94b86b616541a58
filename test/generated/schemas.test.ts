import { expect, test } from "vitest";
import { recipeJsonSchema } from "../../src/config/index.ts";
import { reportJsonSchema } from "../../src/report/index.ts";

test.each([
  ["recipe", recipeJsonSchema],
  ["report", reportJsonSchema],
])("schemas/%s.schema.json is up to date (npm run generate writes it)", async (name, schema) => {
  await expect(`${JSON.stringify(schema(), null, 2)}\n`).toMatchFileSnapshot(
    `../../schemas/${name}.schema.json`,
  );
});
