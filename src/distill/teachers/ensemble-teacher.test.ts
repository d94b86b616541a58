/** @file Ensembles: order of members, identity, refusals. */

import { describe, expect, test } from "vitest";
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
  const combine = "geometric";
  const teacher = ensembleTeacher([a, ensembleTeacher([b, c], { combine })], { combine });
  const [one, two, three] = [await a.logits(batch), await b.logits(batch), await c.logits(batch)];
  const rows = [0, 1].flatMap((row) =>
    [one, two, three].flatMap((logits) => [...logits.subarray(row * 3, row * 3 + 3)]),
  );
  expect([...(await teacher.logits(batch))]).toEqual(rows);
  expect(teacher.members.map(({ name }) => name)).toEqual(["m1", "m2", "m3"]);
  expect(teacher).toMatchObject({ combine: "geometric", parameters: 3, macs: 48, bytes: 12 });
});

test("a question has several batches only where members have batches of one size", () => {
  const batched = (batchSize: number, batchesPerQuestion: number) => ({
    ...a,
    workload: { ...a.workload, batchSize, batchesPerQuestion },
  });
  const shared = (...members: readonly (typeof a)[]) => {
    const { batchSize, batchesPerQuestion } = ensembleTeacher(members).workload;
    return [batchSize, batchesPerQuestion];
  };
  expect(shared(batched(32, 8), batched(32, 4))).toEqual([32, 4]);
  expect(shared(batched(32, 8), batched(256, 4))).toEqual([32, 1]);
  expect(shared(batched(8, 8), b)).toEqual([8, 1]); // it says nothing of them
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

describe("an ensemble in an ensemble", () => {
  const methods = ["arithmetic", "geometric", "logits"] as const;

  /** Both means in turn, in float64, as their formulas say; T = 1. */
  const meanOf = (rows: readonly number[][], weights: readonly number[], method: string) => {
    const softmax = (z: readonly number[]): number[] => {
      const e = z.map((each) => Math.exp(each - Math.max(...z)));
      return e.map((each) => each / e.reduce((sum, value) => sum + value, 0));
    };
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const scores = rows.map((z) => (method === "logits" ? z : softmax(z)));
    return rows[0]!.map((_, k) => {
      const sum = (of: (p: number) => number): number =>
        scores.reduce((all, row, m) => all + (weights[m]! / total) * of(row[k]!), 0);
      if (method === "arithmetic") return Math.log(sum((p) => p));
      return sum(method === "logits" ? (z) => z : Math.log);
    });
  };

  test.each(methods)("%s: the flat mean is the mean of the members' means", async (combine) => {
    const inner = ensembleTeacher([a, b], { combine, weights: [1, 3] });
    const deeper = ensembleTeacher([inner, c], { combine });
    const outer = ensembleTeacher([deeper, c, inner], { combine });
    expect(deeper.weights).toEqual([1 / 8, 3 / 8, 1 / 2]);
    const flat = await averagedTeacher(outer).logits(batch);
    const logits = await Promise.all([a, b, c].map((each) => each.logits(batch)));
    for (const row of [0, 1]) {
      const [za, zb, zc] = logits.map((each) => [...each.subarray(3 * row, 3 * row + 3)]) as [
        number[],
        number[],
        number[],
      ];
      const one = meanOf([za, zb], [1, 3], combine);
      const expected = meanOf([meanOf([one, zc], [1, 1], combine), zc, one], [1, 1, 1], combine);
      const found = [...flat.subarray(3 * row, 3 * row + 3)];
      for (const k of [1, 2]) // a shift of all logits is no difference
        expect(found[k]! - found[0]!).toBeCloseTo(expected[k]! - expected[0]!, 4); // float32, |z| < 100
    }
  });

  test("without weights every member counts the same, whatever it is made of", () => {
    expect(ensembleTeacher([ensembleTeacher([a, b]), c]).weights).toEqual([1 / 4, 1 / 4, 1 / 2]);
    expect(ensembleTeacher([ensembleTeacher([a, b, c]), ensembleTeacher([a, b])]).weights).toEqual([
      1 / 6,
      1 / 6,
      1 / 6,
      1 / 4,
      1 / 4,
    ]);
  });

  test("equally many networks without weights, or one, are flat as ever", () => {
    expect(ensembleTeacher([a, b, c])).not.toHaveProperty("weights");
    const pairs = ensembleTeacher([ensembleTeacher([a, b]), ensembleTeacher([b, c])]);
    expect(pairs).not.toHaveProperty("weights");
    const one = { ...ensembleTeacher([a], { combine: "geometric" }), weights: [5] };
    const both = ensembleTeacher([one, b]);
    expect(both).not.toHaveProperty("weights");
    expect(both.hash).toBe(ensembleTeacher([a, b]).hash);
  });

  test("weights of the networks stand in place of an inner ensemble's", () => {
    const inner = ensembleTeacher([a, b], { weights: [1, 3] });
    expect(ensembleTeacher([inner, c], { weights: [2, 3, 5] }).weights).toEqual([2, 3, 5]);
    expect(ensembleTeacher([inner], { name: "same" }).weights).toEqual([1, 3]);
  });

  test("another combination is refused, its average is not", () => {
    const inner = ensembleTeacher([a, b], { combine: "geometric" });
    for (const options of [{}, { combine: "logits" }, { weights: [1, 1, 1] }] as const)
      expect(() => ensembleTeacher([inner, c], options)).toThrowError(
        expect.objectContaining({ code: "config/conflict" }),
      );
    expect(ensembleTeacher([averagedTeacher(inner), c]).members.length).toBe(2);
  });
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
