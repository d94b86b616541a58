import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = resolve("dist/app/cli/main.js");

test("whoever reads the output may stop reading: no error, exit code 0", async () => {
  // the pipe is closed before anything is written
  const line = `set -o pipefail; "${process.execPath}" "${program}" --help | true`;
  const { stderr } = await promisify(execFile)("bash", ["-c", line]);
  expect(stderr).toBe("");
});
