/** @file Ensembles: order of members, identity, refusals. */

import { expect, test } from "vitest";
import { ensembleTeacher } from "./ensemble-teacher.ts";
import { insectData, pixelTeacher } from "./teacher.cases.ts";

const dataset = insectData(2);
const data = new Uint8Array(32);
await dataset.gather(Int32Array.of(0, 1), data);
const batch = {
  samples: { dtype: "uint8", shape: [2, 1, 4, 4], data } as const,
  keys: [dataset.key(0), dataset.key(1)],
  view: 0,
};
const [a, b, c] = [1, 2, 3].map((weight) => pixelTeacher({ name: `m${weight}`, weight })) as [
  ReturnType<typeof pixelTeacher>,
  ReturnType<typeof pixelTeacher>,
  ReturnType<typeof pixelTeacher>,
];

test("members stand side by side for each sample, nested ones too", async () => {
  const teacher = ensembleTeacher([a, ensembleTeacher([b, c])], { combine: "geometric" });
  const [one, two, three] = [await a.logits(batch), await b.logits(batch), await c.logits(batch)];
  const rows = [0, 1].flatMap((row) =>
    [one, two, three].flatMap((logits) => [...logits.subarray(row * 3, row * 3 + 3)]),
  );
  expect([...(await teacher.logits(batch))]).toEqual(rows);
  expect(teacher.members.map(({ name }) => name)).toEqual(["m1", "m2", "m3"]);
  expect(teacher).toMatchObject({ combine: "geometric", parameters: 3, macs: 48, bytes: 12 });
});

test("the hash covers members and order, and notices a member that changed", () => {
  const teacher = ensembleTeacher([a, b]);
  expect(teacher.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(ensembleTeacher([b, a]).hash).not.toBe(teacher.hash);
  expect(teacher.currentHash()).toBe(teacher.hash);
  const changed = { ...b, currentHash: () => "other" };
  expect(ensembleTeacher([a, changed]).currentHash()).not.toBe(teacher.hash);
});

test("one member is that member", () => {
  expect(ensembleTeacher([a])).toMatchObject({ hash: a.hash, name: "m1", members: a.members });
  const pair = ensembleTeacher([a, b], { combine: "geometric" });
  expect(ensembleTeacher([pair])).toMatchObject({ hash: pair.hash, combine: "geometric" });
});

test("what cannot be known of one member cannot be known of all", () => {
  expect(ensembleTeacher([a, { ...b, parameters: null }]).parameters).toBe(null);
});

test.each([
  ["teacher/no-members", []],
  ["teacher/class-mismatch", [a, { ...b, classCount: 4, classNames: null }]],
  [
    "teacher/class-mismatch",
    [{ ...a, classNames: null }, b, pixelTeacher({ classNames: ["x", "y", "z"] })],
  ],
  ["teacher/mixed-kinds", [a, pixelTeacher({ kind: "sigmoid" })]],
])("%s", (code, members) => {
  let found = "no error";
  try {
    ensembleTeacher(members);
  } catch (error) {
    found = (error as { code: string }).code;
  }
  expect(found).toBe(code);
});
