/** @file Features from the command line: a run, its log and files, and where they are refused. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readSafetensors } from "../../src/data/index.ts";
import { potstill, tinyRecipe, useFolder, writeTable } from "../support/command-line.ts";

const folder = useFolder();
const inFolder = (...names: readonly string[]): string => join(folder.path, ...names);

beforeEach(() => {
  writeTable(inFolder("data.csv"));
  writeFileSync(inFolder("tiny.yaml"), tinyRecipe);
});

const features =
  "distillation={features: [{student: hidden1, teacher: hidden1}, {student: hidden1, teacher: output, loss: relation}]}";

test("a run with features: the log has their sum, the student nothing of the regressor", async () => {
  const { code, stderr } = await potstill(
    folder.path,
    "distill",
    "tiny.yaml",
    features,
    "stepLogs=true",
  );
  expect(stderr).toMatch(/distilled\S* {2}epoch 3\/3 {2}loss \S+ hard \S+ soft \S+ feature1 \S+/);
  expect(code).toBe(0);
  const run = (...names: readonly string[]): string => inFolder("runs", "tiny-1", ...names);
  const [header, ...rows] = readFileSync(run("metrics.csv"), "utf8").trimEnd().split("\n");
  const column = header!.split(",").indexOf("features");
  for (const row of rows.map((line) => line.split(",")))
    expect(row[column] !== "").toBe(row[0]!.startsWith("distilled"));
  const { tensors } = readSafetensors(readFileSync(run("student.safetensors")), "student");
  expect([...tensors.keys()].filter((name) => name.includes("regressor"))).toEqual([]);
  const report = JSON.stringify(JSON.parse(readFileSync(run("report.json"), "utf8")));
  expect(report).toContain("Features: hidden1 from the teacher's hidden1 (hint, weight 0.1)");
});

test("a wrong layer is refused before the teacher is trained; a package has no layers", async () => {
  const wrong = features.replace("teacher: output", "teacher: outptu");
  const refused = await potstill(folder.path, "distill", "tiny.yaml", wrong);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('unknown layer of the teacher "outptu"');
  expect(refused.stderr).toContain('Did you mean "output"?');
  expect(refused.stderr).not.toContain("epoch");
  expect((await potstill(folder.path, "label", "tiny.yaml", "--out", "package")).code).toBe(0);
  const alone = await potstill(
    folder.path,
    "train",
    "package",
    "tiny.yaml",
    features,
    "--out",
    "s",
  );
  expect(alone.code).toBe(2);
  expect(alone.stderr).toContain("features come from a teacher that is one network");
});
