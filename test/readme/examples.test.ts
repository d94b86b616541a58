import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../../examples/two-digits.mjs", import.meta.url));

test("two inputs, two outputs, a shared layer: the example learns both outputs", async () => {
  // As built by `npm run build`. Five epochs in place of twenty, to be short.
  const { stdout } = await promisify(execFile)(process.execPath, [program, "5", "5"]);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { name: string; sum: number; larger: number });
  expect(rows.map(({ name }) => name)).toEqual(["teacher", "distilled", "scratch"]);
  for (const { name, sum, larger } of rows) {
    // in %: always the commonest sum 10, always "not larger" 55; few epochs, so little more is
    // asked
    expect(sum, name).toBeGreaterThan(20);
    expect(larger, name).toBeGreaterThan(58);
  }
  expect(rows[0]?.sum).toBeGreaterThan(60);
}, 240_000);
