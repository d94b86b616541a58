import fc from "fast-check";
import { expect, test } from "vitest";
import { type Block, planArena } from "./arena.ts";

const block = (bytes: number, first: number, last: number): Block => ({ bytes, first, last });

test("blocks that never live together share their bytes", () => {
  const plan = planArena([block(100, 0, 1), block(60, 1, 2), block(100, 2, 3)], []);
  expect(plan.bytes).toBe(160);
  expect(plan.offsets[0]).toBe(plan.offsets[2]);
});

test("an output may lie on its dying input, or as far before it as it must", () => {
  const blocks = [block(100, 0, 1), block(100, 1, 2)];
  expect(planArena(blocks, []).bytes).toBe(200);
  expect(planArena(blocks, [{ input: 0, output: 1, distance: 0 }]).bytes).toBe(100);
  const plan = planArena(blocks, [{ input: 0, output: 1, distance: 30 }]);
  expect(plan.offsets[0]! - plan.offsets[1]!).toBeGreaterThanOrEqual(30);
  expect(plan.bytes).toBe(132); // in words
});

test("no two blocks that live together overlap, whatever they are", () => {
  const any = fc.record({
    bytes: fc.integer({ min: 1, max: 300 }),
    first: fc.integer({ min: 0, max: 8 }),
    length: fc.integer({ min: 0, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 9 }), (drawn) => {
      const blocks = drawn.map(({ bytes, first, length }) => block(bytes, first, first + length));
      const { offsets, bytes } = planArena(blocks, []);
      blocks.forEach((a, i) => {
        expect(offsets[i]! % 4).toBe(0);
        expect(offsets[i]! + a.bytes).toBeLessThanOrEqual(bytes);
        blocks.slice(i + 1).forEach((b, rest) => {
          if (a.first > b.last || b.first > a.last) return;
          const [from, other] = [offsets[i]!, offsets[i + 1 + rest]!];
          expect(from + a.bytes <= other || other + b.bytes <= from).toBe(true);
        });
      });
    }),
    { numRuns: 50 },
  );
});
