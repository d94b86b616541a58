/** @file What `npm run check` ends with. */

import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("the count is that of other tools: lines and files of src without tests, exported names", () => {
  const bash = (command: string): string => execFileSync("bash", ["-c", command]).toString().trim();
  const source = "find src -name '*.ts' -not -name '*.test.ts' -not -name '*.cases.ts'";
  const lines = bash(`${source} -exec cat {} + | wc -l`);
  const files = bash(`${source} | wc -l`);
  expect(bash("node scripts/count-source.mjs")).toMatch(
    new RegExp(`^src without tests: ${lines} lines in ${files} files; \\d{3} names exported`),
  );
});
