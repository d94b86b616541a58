/** @file docs/paper.md shows the rows that the experiments wrote. */

import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("docs/paper.md is up to date (node bench/paper/tables.mjs writes it)", () => {
  expect(() => execFileSync(process.execPath, ["bench/paper/tables.mjs", "--check"])).not.toThrow();
});
