/** @file What .ci/run does where a part of the machine is missing. */

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** The script's functions, without its last part, which runs everything. */
const functions = `source <(sed '/^echo "node/,$d' .ci/run)`;

test("without Chromium the browser step fails, and says what to install", () => {
  const script = `${functions}; PATH=/nowhere step browser browser; echo "$failed_steps failed"`;
  const { stdout } = spawnSync("bash", ["-c", script, ".ci/run"], { encoding: "utf8" });
  expect(stdout).toMatch(/chromium is missing and could not be installed: apt-get install/);
  expect(stdout).toMatch(/FAILED: browser.*\n1 failed\n$/s);
});
