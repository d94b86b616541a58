import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const programOf = (name: string): string =>
  fileURLToPath(new URL(`../../examples/${name}.mjs`, import.meta.url));
/** Runs an example as built by `npm run build`. @returns the lines that it prints, as values */
async function rowsOf<T>(name: string, ...words: readonly string[]): Promise<readonly T[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [programOf(name), ...words]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

test("two inputs, two outputs, a shared layer: the example learns both outputs", async () => {
  // Five epochs in place of twenty, to be short.
  type Row = { readonly name: string; readonly sum: number; readonly larger: number };
  const rows = await rowsOf<Row>("two-digits", "5", "5");
  expect(rows.map(({ name }) => name)).toEqual(["teacher", "distilled", "scratch"]);
  for (const { name, sum, larger } of rows) {
    // in %: always the commonest sum 10, always "not larger" 55; few epochs, so little more is
    // asked
    expect(sum, name).toBeGreaterThan(20);
    expect(larger, name).toBeGreaterThan(58);
  }
  expect(rows[0]?.sum).toBeGreaterThan(60);
}, 240_000);

test("two nets that teach each other learn otherwise than alone, and are compared net by net", async () => {
  type Row = { readonly name: string; readonly mean: number; readonly low: number | null };
  const [alone, together, gain] = await rowsOf<Row>("mutual", "8", "2", "300");
  expect(alone!.mean).toBeGreaterThan(50); // in %; chance is 10
  expect(together!.mean).toBeGreaterThan(50);
  expect(gain!.mean).not.toBe(0);
  expect(gain!.mean).toBeCloseTo(together!.mean - alone!.mean, 1); // each rounded to 0.01
}, 240_000);
