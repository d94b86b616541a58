/** @file Students that teach: an assistant between teacher and student, and born-again nets. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { modelHash, readModel } from "../../src/distill/index.ts";
import {
  potstill,
  resultFile,
  tinyRecipe,
  useFolder,
  writeTable,
} from "../support/command-line.ts";

const folder = useFolder();
const inFolder = (...names: readonly string[]): string => join(folder.path, ...names);

test("a student teaches a smaller one, and one of its own size", async () => {
  writeTable(inFolder("data.csv"));
  writeFileSync(inFolder("tiny.yaml"), tinyRecipe);
  const distilled = async (name: string, ...overrides: readonly string[]) => {
    const { code, stderr } = await potstill(
      folder.path,
      ...["distill", "tiny.yaml", `name=${name}`, "seeds=[1]", ...overrides],
    );
    expect({ code, errors: stderr.match(/error \[.*/g) }).toEqual({ code: 0, errors: null });
    const run = inFolder("runs", `${name}-1`);
    const { models } = JSON.parse(readFileSync(join(run, "report.json"), "utf8"));
    const file = join(run, "student.safetensors");
    const manifest = resultFile(run, "soft labels", "package/manifest.json");
    const { teacherHash } = JSON.parse(manifest.toString());
    return {
      teacher: models.teacher,
      teacherHash,
      student: modelHash(readModel(readFileSync(file), file)),
    };
  };
  const byFirst = "teacher={checkpoint: runs/assistant-1/student.safetensors}";
  const assistant = await distilled("assistant");
  const small = await distilled("small", byFirst, "student.hidden=[4]");
  expect([small.teacher.name, small.teacherHash]).toEqual(["mlp 4-8-3", assistant.student]);
  const again = await distilled("again", byFirst); // of equal size: no flag is needed
  expect([again.teacher.name, again.teacherHash]).toEqual(["mlp 4-8-3", assistant.student]);
  expect(new Set([assistant, small, again].map(({ student }) => student)).size).toBe(3);
}, 120_000);
