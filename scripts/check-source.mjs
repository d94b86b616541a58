/** @file `node scripts/check-source.mjs`: checks every source file against config/source-rules.json. */
// @ts-check

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { checkSource } from "./source-rules.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const rulesFile = "config/source-rules.json";
const folders = ["src", "test", "bench", "examples"];

/** @param {string} folder @returns {string[]} */
function sourceFiles(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

const present = folders.filter((folder) => readdirSync(root).includes(folder));
const files = new Map(
  present
    .flatMap(sourceFiles)
    .map((path) => /** @type {const} */ ([path, readFileSync(join(root, path), "utf8")])),
);
/** @type {import("./source-rules.mjs").Rules} */
const rules = JSON.parse(readFileSync(join(root, rulesFile), "utf8"));
const violations = checkSource(files, rules);
for (const { file, line, rule, message } of violations)
  console.error(
    `${file}:${line}: [${rule}] ${message} (${rulesFile}; docs/architecture.md, "Layers")`,
  );
if (violations.length > 0) process.exitCode = 1;
else console.log(`${files.size} source files keep the rules of ${rulesFile}`);
