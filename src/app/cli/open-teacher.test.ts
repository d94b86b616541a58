/** @file What of the data a recipe's teacher is made from. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { subset } from "../../data/index.ts";
import { writeModel } from "../../distill/index.ts";
import { data, randomModel } from "../../distill/small-problem.cases.ts";
import type { DataParts, SpecialistsTeacherRecipe } from "../spec/index.ts";
import { openTeacher } from "./open-teacher.ts";

const folder = mkdtempSync(join(tmpdir(), "open-teacher-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("specialists of a generalist in a file get the whole training part, not the students'", async () => {
  const file = join(folder, "generalist.safetensors");
  writeFileSync(file, writeModel(randomModel([12], 7)));
  const parts: DataParts = {
    ...data,
    train: subset(data.train, Int32Array.of(0, 1, 2), "part"),
    transfer: data.train,
    trainAllLabels: data.train,
    whole: data.train,
    withheld: [],
  };
  const training = { epochs: 1 } as SpecialistsTeacherRecipe["specialists"]["training"];
  const teacher = { specialists: { generalist: { checkpoint: file }, training, count: 2 } };
  const context = { runtime: undefined as never, parts, threads: 1, softLabels: null }; // nothing runs
  const source = await openTeacher({ teacher: teacher as SpecialistsTeacherRecipe }, context);
  expect(source).toMatchObject({ kind: "specialists", generalist: { kind: "model" } });
  expect((source as { readonly data?: unknown }).data).toBe(parts.whole);
});
