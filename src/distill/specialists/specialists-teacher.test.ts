/** @file Identity of teachers that a generalist is part of. */

import { expect, test } from "vitest";
import { memoryStore } from "../../data/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { label, labelAll } from "../label.ts";
import { type EnsembleOptions, ensembleTeacher } from "../teachers/index.ts";
import { insectData, insects, pixelTeacher } from "../teachers/teacher.cases.ts";
import type { Teacher } from "../teachers/teacher.ts";
import { projectedTeacher } from "./projected-teacher.ts";
import { specialistsTeacher } from "./specialists-teacher.ts";

const members = [pixelTeacher(), pixelTeacher({ name: "b", weight: -0.7 })];
const specialist = {
  teacher: pixelTeacher({ name: "specialist", classNames: ["ant", "bee", "other classes"] }),
  classes: [0, 1],
  dustbinCorrection: 0,
};
const dustbin = { classNames: ["ant", "bee", "other classes"], dustbinCorrection: 0 };

const kinds: readonly [string, (generalist: Teacher) => Teacher][] = [
  ["with specialists", (generalist) => specialistsTeacher(generalist, [specialist])],
  ["of a specialist's classes", (generalist) => projectedTeacher(generalist, [0, 1], dustbin)],
];

const ways: readonly EnsembleOptions[] = [
  {},
  { combine: "geometric" },
  { weights: [1, 99] },
  { weights: [99, 1] },
];

test.each(kinds)("a generalist %s: weights and combination are in the hash", (_, made) => {
  const teachers = ways.map((way) => made(ensembleTeacher(members, way)));
  expect(new Set(teachers.map(({ hash }) => hash)).size).toBe(ways.length);
  for (const teacher of teachers) {
    expect(teacher.currentHash()).toBe(teacher.hash);
    expect(teacher.members).toMatchObject([{ hash: teacher.hash }]);
    expect(teacher.weights).toBe(undefined); // of its one member
  }
});

test("a generalist of one member has the hash of its parts alone", () => {
  const [generalist] = members as [Teacher];
  const text = `specialists\n${generalist.hash}\n1\n${specialist.teacher.hash} 0,1 0\n`;
  const hash = sha256Hex(new TextEncoder().encode(text));
  expect(specialistsTeacher(generalist, [specialist]).hash).toBe(hash);
  expect(projectedTeacher(generalist, [0, 1], dustbin).hash).toBe(`${generalist.hash} of 0,1, 0`);
});

test.each([
  [[0, 3], ["ant", "bee", "other classes"], "got 3 logits for classes 0, 3"],
  [[1, 1], ["ant", "bee", "other classes"], "got 3 logits for classes 1, 1"],
  [
    [0, 1, 2],
    [...insects, "other classes"],
    "3 and not all of them, and one for the dustbin, got 4",
  ],
])("a specialist of classes %j is refused", (classes, classNames, message) => {
  const teacher = { ...pixelTeacher({ classNames }), classCount: classNames.length };
  const own = { teacher, classes, dustbinCorrection: 0 };
  expect(() => specialistsTeacher(pixelTeacher(), [own])).toThrowError(message);
});

test("labelling does not go on with another generalist's weights", async () => {
  const store = memoryStore();
  const dataset = insectData(40);
  const of = (weights: readonly number[]): Teacher =>
    specialistsTeacher(ensembleTeacher(members, { weights }), [specialist]);
  const begun = label({ teacher: of([1, 99]), dataset, store });
  for (let events = 0; events < 4; events++) await begun.next();
  await begun.return(undefined as never); // stopped after a shard
  await expect(labelAll({ teacher: of([99, 1]), dataset, store })).rejects.toMatchObject({
    code: "package/header-differs",
  });
  await labelAll({ teacher: of([1, 99]), dataset, store });
});
