/** @file What the teacher gives of a batch, whether it is asked or remembered. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Dataset, ViewSpec } from "../../data/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { sampleReader } from "../sample-reader.ts";
import { failure, randomModel, stripes } from "../small-problem.cases.ts";
import { networkTeacher } from "../teachers/network-teacher.ts";
import type { Teacher } from "../teachers/teacher.ts";
import { openFeatures } from "./open-features.ts";

let runtime: Runtime;
let teacher: Teacher;
let asked: string[] = [];
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  const own = await networkTeacher(runtime, randomModel([12, 10], 7, 2));
  const features: typeof own.features = async (...of) => {
    const open = await own.features!(...of);
    return {
      ...open,
      ask: (batch) => {
        asked.push(...batch.keys);
        return open.ask(batch);
      },
    };
  };
  teacher = { ...own, features };
});
afterAll(() => runtime.close());

const dataset: Dataset = stripes("features", 30);
const plain: ViewSpec = { seed: 0, augmentation: null };
const shifted: ViewSpec = { seed: 3, augmentation: { shift: 1, mixup: { alpha: 0.4 } } };
const layers = ["hidden1", "hidden2"];

/** Straight from the teacher, without memory. */
async function expected(views: ViewSpec, indices: Int32Array, view: number) {
  const features = await teacher.features!(layers, 8);
  const values = await features.ask(await sampleReader(dataset, views)(indices, view));
  await features.close();
  return values;
}

test.each([
  ["as they are", plain],
  ["in views, mixed", shifted],
])(
  "each sample's values stand at its slot, in any order, twice in a batch: samples %s",
  async (_, views) => {
    const open = await openFeatures(teacher, layers, 8);
    expect([...open.shapes]).toEqual([
      ["hidden1", [12]],
      ["hidden2", [10]],
    ]);
    asked = [];
    const readers = [open.reader(dataset, views), open.reader(dataset, views)];
    const batches = [
      [3, 1, 4, 1],
      [1, 5, 9, 3],
      [29, 0, 4, 9],
    ].map((each) => Int32Array.from(each));
    const views01 = [0, 1];
    for (const view of views01)
      for (const indices of batches)
        for (const read of readers) {
          const into = [new Float32Array(4 * 12).fill(7), new Float32Array(4 * 10).fill(7)];
          await read(indices, view, into);
          const before = asked.length;
          const values = await expected(views, indices, view);
          asked.length = before;
          for (const [at, all] of values.entries())
            for (const [i, value] of all.entries()) expect(into[at]![i]).toBeCloseTo(value, 5); // rows of another run
        }
    const different = new Set(batches.flatMap((each) => [...each])).size;
    expect(asked).toHaveLength(2 * different + 2); // sample 1, new, stands twice in a batch, in each view
    await open.close();
  },
);

test("what does not fit into memory is asked each time", async () => {
  const wide: Teacher = {
    ...teacher,
    features: async () => ({
      shapes: [[2 ** 23]], // 30 samples of 32 MB
      ask: async ({ keys }) => {
        asked.push(...keys);
        return [Float32Array.from({ length: 4 }, (_, at) => at)];
      },
      close: async () => undefined,
    }),
  };
  const open = await openFeatures(wide, ["wide"], 8);
  asked = [];
  const read = open.reader(dataset, plain);
  const into = new Float32Array(4);
  for (let time = 0; time < 2; time++) await read(Int32Array.of(0, 1, 2, 3), 0, [into]);
  expect([...into]).toEqual([0, 1, 2, 3]);
  expect(asked).toHaveLength(8);
});

test("a teacher that only answers has none", async () => {
  const { features: _, ...answers } = teacher;
  const { code, message } = await failure(openFeatures(answers, layers, 8));
  expect(code).toBe("config/conflict");
  expect(message).toContain("got a teacher that only answers");
});
