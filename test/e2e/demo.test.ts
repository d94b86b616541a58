import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonLines, start, useFolder } from "../support/command-line.ts";

const folder = useFolder();
const short = ["training.epochs=1", "teacher.train.training.epochs=1", "seeds=[1,2]"];

test("the demo names its setting first, draws a digit, writes its files, in 30 lines", async () => {
  const { code, stdout, stderr } = await start(folder.path, "demo", ...short).ended;
  expect(stderr).not.toContain("error [");
  expect(code).toBe(0);
  const lines = `${stderr}${stdout}`.trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(30);
  for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  expect(stdout).toMatch(/^Handwritten digits, \d+ labels and .* teacher was trained on 9,000\n/);
  expect(stdout).toContain("distilled vs scratch + augmentation");
  for (const who of ["teacher", "student"])
    expect(stdout).toMatch(
      new RegExp(`[ ▀▄█]{14}.*${who} {2}\\d \\d+\\.\\d %, \\d \\d+\\.\\d %, `),
    );
  expect(stdout).toMatch(/^Files in runs\/demo-1\/exports: student\.onnx [\d,]+ bytes$/m);
  expect(stdout).toMatch(/int8 C in c\/: digits\.h [\d,]+, digits\.c [\d,]+, .* bytes$/m);
  expect(stdout).toMatch(/^Report: \S+ runs\/demo-1\/report\.html$/m);
  const exports = join(folder.path, "runs", "demo-1", "exports");
  expect(readdirSync(exports, { recursive: true }).map(String).sort()).toEqual([
    ...["c", "c/digits.c", "c/digits.h", "c/digits_selftest.c", "student.onnx"],
  ]);
  const events = jsonLines(join(folder.path, "runs", "demo-1", "events.jsonl"));
  expect(events.filter(({ type }) => type === "steps")).toHaveLength(7); // a row for each epoch
}, 180_000);
