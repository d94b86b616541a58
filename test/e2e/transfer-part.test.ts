/** @file Samples without class of their own files: labelled by the teacher, seen by students. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { potstill, tinyRecipe, useFolder, writeTable } from "../support/command-line.ts";

const folder = useFolder();
const inFolder = (...names: readonly string[]): string => join(folder.path, ...names);

async function done(...words: readonly string[]): Promise<void> {
  const { code, stderr } = await potstill(folder.path, ...words);
  expect({ code, errors: stderr.match(/error \[.*/g) }).toEqual({ code: 0, errors: null });
}

test("a run and a package have them in training, and none in validation or test", async () => {
  writeTable(inFolder("data.csv"));
  const [header, ...lines] = readFileSync(inFolder("data.csv"), "utf8").trim().split("\n");
  const cells = lines.map((line) => line.split(","));
  const further = cells.map((row) => row.slice(0, -1).map((cell) => `${Number(cell) + 0.01}`));
  const names = header!.split(",").slice(0, -1);
  writeFileSync(
    inFolder("more.csv"),
    `${[names, ...further].map((row) => row.join()).join("\n")}\n`,
  );
  writeFileSync(inFolder("tiny.yaml"), tinyRecipe);
  const more = "data.transfer.file=more.csv";
  await done("distill", "tiny.yaml", more);
  const { data } = JSON.parse(readFileSync(inFolder("runs", "tiny-1", "report.json"), "utf8"));
  const model = "runs/tiny-1/student.safetensors";
  const words = ["evaluate", model, "--data", "tiny.yaml", "--part", "train"];
  writeFileSync(
    inFolder("tiny.yaml"),
    tinyRecipe.replace("data.csv", "data.csv, transfer: { file: more.csv }"),
  );
  const { code, stdout } = await potstill(folder.path, ...words);
  expect([code, stdout.split("\n")[0]]).toEqual([
    0,
    `${model} on data.csv/train (${data.trainSize - further.length} samples; ${further.length} without a class left out)`,
  ]);
  writeFileSync(inFolder("tiny.yaml"), tinyRecipe);
  const { commandLine } = JSON.parse(
    readFileSync(inFolder("runs", "tiny-1", "report.json"), "utf8"),
  );
  expect(commandLine).toBe("potstill distill tiny.yaml data.transfer.file=more.csv");
  const labelled = data.trainSize - further.length;
  expect(data).toMatchObject({
    unlabelledCount: further.length,
    transferSize: data.trainSize,
    validationSize: Math.round((labelled + data.validationSize) * 0.2),
    testSize: lines.length - labelled - data.validationSize,
  });
  const students: string[] = [];
  for (const inputs of [[], ["--with-inputs"]]) {
    const out = `package${inputs.length}`;
    await done("label", "tiny.yaml", more, "--out", out, ...inputs);
    await done("train", out, "tiny.yaml", more, "--out", `student${inputs.length}`);
    const student = readFileSync(inFolder(`student${inputs.length}`, "student.safetensors"));
    students.push(student.toString("base64"));
  }
  expect(students[1]).toBe(students[0]); // samples in the package stand for those of the recipe
}, 120_000);
