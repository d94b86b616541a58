/** @file Recipes whose teacher sees other inputs: every command, and the student without them. */

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import {
  potstill,
  resultFile,
  tinyRecipe,
  useFolder,
  writeTable,
} from "../support/command-line.ts";

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

interface Report {
  readonly models: { readonly teacher: { readonly description: string } };
  readonly data: { readonly sampleShape: readonly number[] };
}

test("distill and label with the teacher's table, train without it: one student", async () => {
  const said = await run("distill", "pairs.yaml", "--json", "--json-report", "report.json");
  const { run: path } = JSON.parse(said.trimEnd().split("\n").at(-1)!) as { readonly run: string };
  const report = JSON.parse(readFileSync(at("report.json"), "utf8")) as Report;
  expect(report.data.sampleShape).toEqual([2]);
  expect(report.models.teacher.description).toContain(
    "It saw full.csv, float32 [4], of the samples that the student sees as float32 [2].",
  );
  const labelled = await run("label", "pairs.yaml", "--out", "package");
  expect(labelled).toContain("which saw full.csv");
  expect(await run("inspect", "package")).toContain("saw full.csv, float32 [4]");

  writeTable(at("full.csv"), (rows) => {
    rows[1] = rows[1]!.replace(/^[^,]*/, "5");
  });
  const { code, stderr } = await potstill(folder.path, "distill", "--resume", path);
  expect(code).toBe(2);
  expect(stderr).toContain(
    "a run can only be resumed by what started it, got another state of the data",
  );

  rmSync(at("full.csv"));
  await run("train", "package", "pairs.yaml", "--out", "student");
  const student = readFileSync(at("student", "student.safetensors"));
  const ofRun = resultFile(join(folder.path, path), "distilled/seed-1", "model.safetensors");
  expect(student.equals(ofRun)).toBe(true);
});

test("evaluate says that a recipe's teacher inputs were not read; label refuses views at once", async () => {
  await run("distill", "pairs.yaml");
  const name = readdirSync(at("runs")).find((name) => !name.startsWith("."))!;
  const words = ["evaluate", join("runs", name, "student.safetensors"), "--data", "pairs.yaml"];
  expect(await run(...words)).toContain(
    "inputs       the recipe's data, as a student sees them; its teacherInputs were not read",
  );
  expect(JSON.parse(await run(...words, "--json"))).toMatchObject({ teacherInputs: "not read" });
  writeFileSync(at("plain.yaml"), recipe.replace(/teacherInputs: .*/, ""));
  const plain = await run(...words.with(3, "plain.yaml"), "--json");
  expect(JSON.parse(plain)).not.toHaveProperty("teacherInputs");

  const augmented = ["labels.views=2", "labels.augmentation.shift=1"];
  const { code, stderr } = await potstill(
    folder.path,
    ...["label", "pairs.yaml", "--out", "package", ...augmented],
  );
  expect(code).toBe(2);
  expect(stderr).toContain("where the teacher sees other inputs than the student");
  expect(readdirSync(folder.path).filter((file) => file.startsWith("package"))).toEqual([]);
});

test("the teacher of a sweep is trained on its own table", async () => {
  const axes = ["teacher.train.training.epochs=1", "T=1,4"];
  const swept = await run("sweep", "pairs.yaml", ...axes, "--seeds", "1", "--jobs", "1");
  expect(swept).toContain("2 points, 1 soft-label package for all of them");
  const name = readdirSync(at("runs")).find((name) => !name.startsWith("."))!;
  const files = readdirSync(at("runs", name), { recursive: true, encoding: "utf8" });
  const manifest = files.find((file) => file.endsWith("manifest.json"))!;
  const { teacherInputs } = JSON.parse(readFileSync(at("runs", name, manifest), "utf8")) as {
    readonly teacherInputs: unknown;
  };
  expect(teacherInputs).toMatchObject({ sample: { dtype: "float32", shape: [4] } });
});
