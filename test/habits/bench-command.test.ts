/** @file What `npm run bench` says to options that it does not have, and when it wants PyTorch. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

function bench(...words: readonly string[]) {
  return spawnSync(process.execPath, ["bench/run.mjs", ...words], { encoding: "utf8" });
}

test.each([
  [["--nope"], /^bench: Unknown option '--nope'\. Options: --quick, .*\n$/],
  [["--case", "nope"], /^bench: unknown case "nope"\. Cases: mlp-30, .*\n$/],
  [["--threads", "0"], /^bench: --threads 0: give 1, or 1,2\n$/],
])("%s is refused in one line", (words, line) => {
  const { status, stdout, stderr } = bench(...words);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(line);
});

test("a case without PyTorch does not ask for it", () => {
  const file = join(mkdtempSync(join(tmpdir(), "potstill-bench-")), "rows.json");
  const { status, stderr } = bench("--quick", "--case", "start-up", "--json", file);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining("peer") });
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject([{ case: "start-up" }]);
}, 600_000); // it measures: a busy machine takes minutes
