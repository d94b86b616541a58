/** @file Recipes whose teacher sees other inputs: every command, and the student without them. */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { potstill, tinyRecipe, useFolder, writeTable } from "../support/command-line.ts";

const folder = useFolder();
const at = (...names: readonly string[]): string => join(folder.path, ...names);
const columns = "data: { source: csv, file: data.csv, columns: [c, d] }";
const recipe = tinyRecipe
  .replace(
    "data: { source: csv, file: data.csv }",
    `${columns}\nteacherInputs: { source: csv, file: full.csv }`,
  )
  .replace("seeds: [1, 2, 3]", "seeds: [1]");

const run = async (...words: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await potstill(folder.path, ...words);
  expect(stderr).not.toContain("error [");
  expect(code).toBe(0);
  return stdout;
};

beforeEach(() => {
  writeTable(at("data.csv"));
  writeTable(at("full.csv"));
  writeFileSync(at("pairs.yaml"), recipe);
});

test("label, then train: without the teacher's table the student is that of the run", async () => {
  const distilled = JSON.parse(
    (await run("distill", "pairs.yaml", "--json", "--json-report", "report.json", "seeds=[1]"))
      .trimEnd()
      .split("\n")
      .at(-1)!,
  ) as { readonly run: string };
  const report = JSON.parse(readFileSync(at("report.json"), "utf8")) as {
    readonly models: { readonly teacher: { readonly description: string } };
    readonly data: { readonly sampleShape: readonly number[] };
  };
  expect(report.data.sampleShape).toEqual([2]);
  expect(report.models.teacher.description).toContain(
    "It saw full.csv, float32 [4], of the samples that the student sees as float32 [2].",
  );
  expect(await run("label", "pairs.yaml", "--out", "package")).toContain("which saw full.csv");
  expect(await run("inspect", "package")).toContain("saw full.csv, float32 [4]");
  expect(await run("sweep", "pairs.yaml", "T=1,4", "--seeds", "1", "--jobs", "1")).toContain("T=4");
  rmSync(at("full.csv"));
  await run("train", "package", "pairs.yaml", "--out", "student");
  const own = readFileSync(at("student", "student.safetensors"));
  const first = readFileSync(
    join(folder.path, distilled.run, "jobs/distilled/seed-1/model.safetensors"),
  );
  expect(own.equals(first)).toBe(true);
});

test("a run goes on with the teacher's inputs that it was started with alone", async () => {
  const done = await run("distill", "pairs.yaml", "--json");
  const { run: path } = JSON.parse(done.trimEnd().split("\n").at(-1)!) as { readonly run: string };
  writeTable(at("full.csv"), (rows) => {
    rows[1] = rows[1]!.replace(/^[^,]*/, "5");
  });
  const { code, stderr } = await potstill(folder.path, "distill", "--resume", path);
  expect(code).not.toBe(0);
  expect(stderr).toContain(
    "a run can only be resumed by what started it, got another state of the data",
  );
});
