import { expect, test } from "vitest";
import { arrayDataset, type Dataset, memoryStore, type Preprocessing } from "../data/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { runJob } from "./job.ts";
import { placeIn } from "./small-problem.cases.ts";
import { assertTokenIds } from "./token-ids.ts";

function ids(values: readonly number[], preprocessing?: Preprocessing): Dataset {
  return arrayDataset({
    name: "ids",
    dtype: "float32",
    shape: [2],
    data: Float32Array.from(values),
    labels: Array.from({ length: values.length / 2 }, (_, at) => at % 2),
    classNames: ["a", "b"],
    ...(preprocessing && { preprocessing }),
  });
}

test("ids are rows of the table; of text they are anyway", async () => {
  await assertTokenIds(ids([0, 3, 2, 1]), 4);
  await assertTokenIds(ids([-1, 9]), undefined);
  await assertTokenIds({ ...ids([-1, 9]), text: { vocabulary: ["", "?"], length: 2 } }, 4);
  await assertTokenIds(ids([1, 0.5], { scale: 2, offset: -1 }), 4); // 1 and 0
});

test.each([
  [
    [0, 1, 2, -1],
    "ids, sample 1, position 1: a token id must be a whole number from 0 to 3, the network's vocabulary, got -1",
  ],
  [[0, 4], "ids, sample 0, position 1"],
  [[1.5, 0], "got 1.5"],
])("%j is refused", async (values, message) => {
  await expect(assertTokenIds(ids(values), 4)).rejects.toThrow(message);
});

test("the last of many samples is looked at", async () => {
  const values = new Array<number>(2 * 1500).fill(1).with(2999, -2);
  await expect(assertTokenIds(ids(values), 4)).rejects.toThrow("ids, sample 1499, position 1");
});

test("a training refuses them in both parts before it begins", async () => {
  const runtime = await nodeRuntime({ worker: false });
  const [good, bad] = [ids([0, 1, 2, 3]), ids([0, 1, 2, -3])];
  const store = memoryStore();
  const job = {
    id: "ids",
    network: { family: "tinyTransformer", vocabulary: 4, width: 4, heads: 1, layers: 1 },
    training: { epochs: 1, batchSize: 2 },
    seed: 1,
  } as const;
  for (const parts of [
    { train: bad, validation: good },
    { train: good, validation: bad },
  ])
    await expect(
      runJob({ ...job, ...parts }, { runtime, place: placeIn(store) }).next(),
    ).rejects.toMatchObject({
      code: "data/token",
    });
  expect(await store.list()).toEqual([]);
  await runtime.close();
});
