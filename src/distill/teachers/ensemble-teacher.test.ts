/** @file Ensembles: order of members, identity, refusals. */

import { expect, test } from "vitest";
import { averagedTeacher } from "./averaged-teacher.ts";
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

/** Largest difference of class 0's probability at T to that from the same members' average. */
async function lossAt(T: number, combine: "arithmetic" | "geometric" | "logits"): Promise<number> {
  const softmax = (z: readonly number[]): readonly number[] => {
    const e = z.map((each) => Math.exp(each / T));
    return e.map((each) => each / e.reduce((sum, value) => sum + value, 0));
  };
  const both = ensembleTeacher([a, b], { combine });
  const [whole, one] = [await both.logits(batch), await averagedTeacher(both).logits(batch)];
  const losses = [0, 1].map((row) => {
    const [first, second] = [0, 1].map((m) => [
      ...whole.subarray(6 * row + 3 * m, 6 * row + 3 * m + 3),
    ]);
    const mean = first!.map((each, k) => (each + second![k]!) / 2);
    const exact =
      combine === "arithmetic"
        ? (softmax(first!)[0]! + softmax(second!)[0]!) / 2
        : softmax(mean)[0]!;
    return Math.abs(softmax([...one.subarray(3 * row, 3 * row + 3)])[0]! - exact);
  });
  return Math.max(...losses);
}

test("an average is lossy: the arithmetic mean is its own at T = 1 alone, the others at every T", async () => {
  for (const [T, combine] of [
    [1, "arithmetic"],
    [1, "geometric"],
    [4, "geometric"],
    [4, "logits"],
  ] as const)
    expect(await lossAt(T, combine)).toBeLessThan(1e-6); // float32 logits
  expect(await lossAt(4, "arithmetic")).toBeGreaterThan(0.01);
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
