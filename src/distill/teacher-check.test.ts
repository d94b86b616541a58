/** @file The package is compared with the teacher itself. */

import { describe, expect, test } from "vitest";
import { memoryStore, openSoftLabels, type SoftLabels } from "../data/index.ts";
import { type LabelOptions, labelAll } from "./label.ts";
import { checkTeacherAgainstPackage } from "./teacher-check.ts";
import { ensembleTeacher } from "./teachers/index.ts";
import { insectData, pixelTeacher } from "./teachers/teacher.cases.ts";

const dataset = insectData(60);
const teacher = ensembleTeacher([pixelTeacher(), pixelTeacher({ name: "b", weight: -0.7 })]);
const views = { count: 2, seed: 1, augmentation: { shift: 1 } };

async function labelled(options: Partial<LabelOptions> = {}): Promise<SoftLabels> {
  const store = memoryStore();
  await labelAll({ teacher, dataset, store, views, ...options });
  return openSoftLabels(store);
}

describe.each(["float32", "float16", "int8"] as const)("%s", (precision) => {
  test("what the package has right is what the teacher has right", async () => {
    const softLabels = await labelled({ precision });
    const check = await checkTeacherAgainstPackage({ teacher, dataset, softLabels });
    expect(check).toMatchObject({ asked: 60, labelled: 48 });
    expect(check.correctByPackage).toBe(check.correctByTeacher);
    expect(check.correctByTeacher).toBeGreaterThan(0);
    if (precision === "float32") expect(check.worstShare).toBe(0);
    else expect(check.worstShare).toBeGreaterThan(0);
  });

  test("another teacher's package is refused, naming the sample", async () => {
    const other = ensembleTeacher([pixelTeacher(), pixelTeacher({ name: "b", weight: -0.8 })]);
    const softLabels = await labelled({ precision, teacher: other });
    await expect(
      checkTeacherAgainstPackage({ teacher, dataset, softLabels, samples: 5 }),
    ).rejects.toMatchObject({ code: "package/teacher-differs" });
  });
});

test("a package whose rows are out of step is refused", async () => {
  const softLabels = await labelled({ precision: "float32" });
  const shifted: SoftLabels = {
    ...softLabels,
    logits: (row, view, into) => softLabels.logits((row + 1) % 60, view, into),
  };
  const check = checkTeacherAgainstPackage({ teacher, dataset, softLabels: shifted });
  await expect(check).rejects.toMatchObject({ name: "DataError" });
});

test("a teacher that may answer differently is not asked again", async () => {
  const workload = { ...teacher.workload, isRepeatable: false };
  const softLabels = await labelled();
  const loose = { ...teacher, workload };
  const check = await checkTeacherAgainstPackage({ teacher: loose, dataset, softLabels });
  expect(check.asked).toBe(0);
});
