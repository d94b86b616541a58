/** @file A teacher of some classes, and a student that starts from it, by the command line. */

import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  potstill,
  resultFile,
  start,
  tinyRecipe,
  useFolder,
  writeTable,
} from "../support/command-line.ts";

const folder = useFolder();
const inFolder = (...names: readonly string[]): string => join(folder.path, ...names);

async function done(...words: readonly string[]): Promise<void> {
  const { code, stderr } = await potstill(folder.path, ...words);
  expect({ code, errors: stderr.match(/error \[.*/g) }).toEqual({ code: 0, errors: null });
}

async function refused(...words: readonly string[]): Promise<string> {
  const { code, stderr } = await potstill(folder.path, ...words);
  expect(code).not.toBe(0);
  return stderr.replace(/\s+/g, " ");
}

const lifelong = `${tinyRecipe
  .replace("teacher:\n", "teacher:\n  classes: [class2, class0]\n")
  .replaceAll("hidden: [16]", "hidden: [8]")
  .replace("seeds: [1, 2, 3]", "seeds: [1]")
  .replace(
    "student: { family: mlp, hidden: [8] }",
    "student: { family: mlp, hidden: [8], start: teacher }",
  )}
transfer: { onlyClasses: [class1], biasCorrection: shared }
`;

test("a run; then its old model as a file, a package and a student: the same students", async () => {
  writeTable(inFolder("data.csv"));
  writeFileSync(inFolder("tiny.yaml"), lifelong);
  await done("distill", "tiny.yaml");
  const report = JSON.parse(readFileSync(inFolder("runs", "tiny-1", "report.json"), "utf8"));
  expect(report.models.teacher.classes.names).toEqual(["class2", "class0"]);
  expect(report.transfer.withheld).toEqual(["class0", "class2"]);
  expect(readFileSync(inFolder("runs", "tiny-1", "MODEL_CARD.md"), "utf8")).toContain(
    "The teacher knows class2, class0 alone",
  );
  const model = inFolder("runs", "tiny-1", "teacher.safetensors");
  const fromFile = ["name=file", `teacher={checkpoint: ${model}, classes: [class2, class0]}`];
  await done("distill", "tiny.yaml", ...fromFile);
  const weights = (run: string) =>
    resultFile(inFolder("runs", run), "distilled/seed-1", "model.safetensors");
  expect(weights("file-1")).toEqual(weights("tiny-1"));
  const plain = "transfer={onlyClasses: [class1]}";
  await done("label", "tiny.yaml", ...fromFile, "--out", "package");
  const { stdout } = await potstill(folder.path, "inspect", "package");
  expect(stdout).toContain("knows 2 classes: class2, class0");
  const from = `student.start=${model}`;
  await done("train", "package", "tiny.yaml", plain, from, "--out", "student");
  expect(readFileSync(inFolder("student", "student.safetensors"))).toEqual(weights("tiny-1"));
}, 60_000);

test("another start is another run: refused by name, told of, and not gone on with", async () => {
  writeTable(inFolder("data.csv"));
  writeFileSync(inFolder("tiny.yaml"), lifelong);
  await done("distill", "tiny.yaml");
  const teacher = inFolder("runs", "tiny-1", "teacher.safetensors");
  copyFileSync(teacher, inFolder("old.safetensors"));
  expect(
    JSON.parse(readFileSync(inFolder("runs", "tiny-1", "run.json"), "utf8")).identity,
  ).not.toHaveProperty("startHash");
  await done("distill", "tiny.yaml", "name=started", "student.start=old.safetensors");
  const report = JSON.parse(readFileSync(inFolder("runs", "started-1", "report.json"), "utf8"));
  expect(report.startHash).toMatch(/^[0-9a-f]{64}$/);
  // of the same network and more classes
  copyFileSync(inFolder("runs", "tiny-1", "student.safetensors"), inFolder("old.safetensors"));
  const resumed = await refused("distill", "--resume", "runs/started-1");
  expect(resumed).toContain(
    `another state of the model to start from (${report.startHash.slice(0, 12)} then,`,
  );
  // nor does the training of a package go on from another start's checkpoint
  await done(
    "label",
    "tiny.yaml",
    `teacher={checkpoint: ${teacher}, classes: [class2, class0]}`,
    "--out",
    "package",
  );
  const training = [
    "transfer={onlyClasses: [class1]}",
    "training.epochs=200",
    "student.start=start.safetensors",
  ];
  const words = ["train", "package", "tiny.yaml", ...training, "--out", "student"];
  copyFileSync(teacher, inFolder("start.safetensors"));
  const first = start(folder.path, ...words);
  await first.said("epoch 20/200");
  first.child.kill("SIGINT");
  expect((await first.ended).code).toBe(130);
  copyFileSync(inFolder("old.safetensors"), inFolder("start.safetensors"));
  await done(...words);
  const again = await refused("reproduce", "runs/started-1/report.json");
  expect(again).toContain(`the model to start from was ${report.startHash.slice(0, 12)} and is`);
}, 60_000);

test("what is refused, and what to do about it", async () => {
  writeTable(inFolder("data.csv"));
  writeFileSync(inFolder("tiny.yaml"), lifelong);
  expect(await refused("distill", "tiny.yaml", "teacher.classes=[class2, class9]")).toContain(
    'unknown class "class9"',
  );
  expect(await refused("sweep", "tiny.yaml", "T=1,2")).toContain(
    "a sweep compares students of a teacher that knows all classes",
  );
}, 60_000);
