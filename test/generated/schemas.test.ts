import { expect, test } from "vitest";
import { reportJsonSchema } from "../../src/app/report/index.ts";
import { recipeJsonSchema } from "../../src/app/spec/index.ts";

test.each([
  ["recipe", recipeJsonSchema],
  ["report", reportJsonSchema],
])("schemas/%s.schema.json is up to date (npm run generate writes it)", async (name, schema) => {
  await expect(`${JSON.stringify(schema(), null, 2)}\n`).toMatchFileSnapshot(
    `../../schemas/${name}.schema.json`,
  );
});
