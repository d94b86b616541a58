import { afterAll, expect, test } from "vitest";
import { type Dataset, memoryStore, openShards, writeShards } from "../data/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { type Job, runJob } from "./job.ts";
import { data } from "./small-problem.cases.ts";
import { writeModel } from "./training/model-file.ts";

const runtime = await nodeRuntime({ worker: false });
afterAll(() => runtime.close());

async function trained(train: Dataset): Promise<Uint8Array> {
  const job: Job = {
    id: "one",
    network: { family: "mlp", hidden: [8] },
    train,
    validation: data.validation,
    training: { epochs: 3, batchSize: 16, augmentation: { shift: 1 } },
    seed: 1,
  };
  const events = runJob(job, { runtime });
  for (;;) {
    const { done, value } = await events.next();
    if (done === true) return writeModel(value.model);
  }
}

test("from shards and from memory: the same weights, byte for byte, under one order", async () => {
  const store = memoryStore();
  await writeShards(data.train, store, { shardBytes: 36 * 8 });
  const sharded = await openShards(store, { window: 3 });
  const fromShards = await trained(sharded);
  expect(await trained({ ...data.train, shuffle: sharded.shuffle })).toEqual(fromShards);
  expect(await trained(data.train)).not.toEqual(fromShards); // the order does matter
  const { peakBytes, limitBytes } = sharded.cache();
  expect(peakBytes).toBeLessThanOrEqual(limitBytes);
});
