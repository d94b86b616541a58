/**
 * @file What `npm run bench` says to options that it does not have, when it wants PyTorch and
 * which, and what a row is.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "potstill-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

function bench(words: readonly string[], python?: string) {
  const env = { ...process.env, ...(python !== undefined && { BENCH_PYTHON: python }) };
  return spawnSync(process.execPath, ["bench/run.mjs", ...words], { encoding: "utf8", env });
}

/**
 * @returns a program in Python's place. Asked for a product of 2 · 2048³ operations it has taken
 *   productMs; asked for a step, it serves rounds of 1000 ms
 */
function pythonThatSays(productMs: number): string {
  const file = join(folder, `python-${productMs}`);
  const lines = [
    `#!${process.execPath}`,
    'if (process.argv[3] === "gemm")',
    `  console.log(JSON.stringify({ ms: [${productMs}, ${2 * productMs}] }));`,
    "else {",
    '  console.log(JSON.stringify({ torch: "0" }));',
    '  process.stdin.on("data", () => console.log(JSON.stringify({ ms: 1000 })));',
    "}",
  ];
  writeFileSync(file, lines.join("\n"), { mode: 0o755 });
  return file;
}

/** of every row, in this order */
const keys = [
  ...["case", "metric", "unit", "potstill", "peerName", "peer"],
  ...["ratio", "threads", "machine", "date"],
];

/** @returns the rows that a quick run of one case records */
function rowsOf(name: string, python?: string): { said: string; rows: Record<string, unknown>[] } {
  const file = join(folder, `${name}.json`);
  const words = ["--quick", "--threads", "1", "--case", name, "--json", file];
  const { status, stderr } = bench(words, python);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) });
  return { said: stderr, rows: JSON.parse(readFileSync(file, "utf8")) };
}

test.each([
  [["--nope"], /^bench: Unknown option '--nope'\. Options: --quick, .*\n$/],
  [["--case", "nope"], /^bench: unknown case "nope"\. Cases: mlp-30, .*\n$/],
  [["--threads", "0"], /^bench: --threads 0: give 1, or 1,2\n$/],
])("%s is refused in one line", (words, line) => {
  const { status, stdout, stderr } = bench(words);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(line);
});

test("a case without PyTorch does not ask for it", () => {
  const { said, rows } = rowsOf("start-up", join(folder, "nowhere"));
  expect(said).not.toContain("peer");
  expect(rows.map((row) => Object.keys(row))).toEqual([keys]);
  expect(rows).toMatchObject([{ case: "start-up", unit: "ms", peer: 200, threads: 1 }]);
}, 600_000); // it measures: a busy machine takes minutes

test.each([
  [
    "that is not there",
    () => join(folder, "nowhere"),
    /^bench: PyTorch does not run: spawnSync .*nowhere ENOENT\nOn Debian: apt-get install python3-torch libopenblas0-pthread, .*\n$/,
  ],
  [
    "linked to the reference BLAS",
    () => pythonThatSays(1000),
    /^bench: PyTorch multiplies at 17\.2 GFLOP\/s, .* and no fair peer\. Install libopenblas0-pthread\.\n$/,
  ],
])("a PyTorch %s is refused, with how to get one", (_, python, said) => {
  const words = ["--quick", "--case", "mlp-30", "--json", join(folder, "none.json")];
  const { status, stdout, stderr } = bench(words, python());
  const busy = /^bench: the machine is busy .*\n/;
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr.replace(busy, "")).toMatch(said);
});

test("a training step takes turns with its peer", () => {
  const { said, rows } = rowsOf("mlp-30", pythonThatSays(500));
  expect(said).toContain("bench: peer multiplies at 34 GFLOP/s on one thread\n");
  expect(rows.map((row) => Object.keys(row))).toEqual([[...keys, "medians"]]);
  const { potstill, ratio, medians } = rows[0] as Record<string, number>;
  expect(ratio).toBe(1000 / potstill!);
  expect(medians).toEqual({ potstill: expect.any(Number), peer: 1000, rounds: 3 });
}, 600_000);
