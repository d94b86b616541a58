/** @file `node scripts/count-source.mjs`: how large the library is, in one line. */
// @ts-check

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isTest } from "./source-rules.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const texts = readdirSync(join(root, "src"), { withFileTypes: true, recursive: true })
  .filter(({ name }) => name.endsWith(".ts") && !isTest(name))
  .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
const lines = texts.reduce((sum, text) => sum + text.split("\n").length - 1, 0);

// `npm run check:generated` has compared the page with the source.
const api = readFileSync(join(root, "docs/api.md"), "utf8");
const [, names] = /^## `potstill`.*\n\nExported names: (\d+)\.$/m.exec(api) ?? [];
if (names === undefined)
  throw new Error(
    "docs/api.md: the entry `potstill` must say how many names it exports, got no such line. npm run api:accept.",
  );
console.log(
  `src without tests: ${lines} lines in ${texts.length} files; ${names} names exported from the root`,
);
