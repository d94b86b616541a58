import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allocate, permutation } from "../../engine/tensor/index.ts";
import { isDistillError } from "../../errors/index.ts";
import { arrayDataset, subset } from "../array-dataset.ts";
import { epochOrder, makeBatches } from "../batches.ts";
import type { Dataset } from "../dataset.ts";
import { withoutDuplicates } from "../duplicates.ts";
import { memoryStore } from "../memory-store.ts";
import { blockOrder } from "../shuffle-blocks.ts";
import { splitDataset } from "../split.ts";
import type { Store } from "../store.ts";
import { openShards, openShardWriter, writeShards } from "./index.ts";

/** Sample i is [i, i + 1, i + 2] in its low bytes; 10 samples a shard. */
function made(length: number, dtype: "uint8" | "float32" = "float32"): Dataset {
  const values = Array.from({ length: 3 * length }, (_, at) => Math.floor(at / 3) + (at % 3));
  const common = { name: "made", shape: [3], classNames: ["a", "b"] };
  const labels = Int32Array.from({ length }, (_, at) => ((at % 5) % 3) - 1);
  const groups = Array.from({ length }, (_, at) => `g${at % 7}`);
  return dtype === "uint8"
    ? arrayDataset({ ...common, labels, groups, dtype, data: Uint8Array.from(values) })
    : arrayDataset({ ...common, labels, groups, dtype, data: Float32Array.from(values) });
}

async function gathered(dataset: Dataset, indices: Int32Array): Promise<number[]> {
  const into = allocate(dataset.dtype, indices.length * 3);
  await dataset.gather(indices, into);
  return Array.from(into as Float32Array);
}

const all = (length: number): Int32Array => Int32Array.from({ length }, (_, at) => at);
const tenSamples = { float32: 120, uint8: 30 } as const;

describe("writing and opening", () => {
  test.each(["uint8", "float32"] as const)("%s: the same set as in memory", async (dtype) => {
    const dataset = made(64, dtype);
    const store = memoryStore();
    const manifest = await writeShards(dataset, store, { shardBytes: tenSamples[dtype] });
    const opened = await openShards(store);
    expect(manifest.shards.length).toBe(7);
    expect(opened.hash()).toBe(dataset.hash());
    expect([opened.labels, opened.groups]).toEqual([dataset.labels, dataset.groups]);
    expect([opened.shape, opened.dtype, opened.classNames]).toEqual([[3], dtype, ["a", "b"]]);
    const order = permutation(64, 3);
    expect(await gathered(opened, order)).toEqual(await gathered(dataset, order));
    expect(opened.key(63)).toBe(dataset.key(63));
  });

  test("how samples were made: numbers of tokens, means of frames", async () => {
    const about = {
      text: { vocabulary: ["<padding>", "<unknown>", "größer"], length: 3 },
      frames: {
        context: { before: 1, after: 0 },
        standardization: { mean: [0.1 + 0.2], deviation: [1 / 3] },
      },
    };
    const store = memoryStore();
    await writeShards({ ...made(12), ...about }, store);
    expect(await openShards(store)).toMatchObject(about);
  });

  test("−0 is told from 0 by the key and not in the search for identical samples", async () => {
    const form = { name: "signs", dtype: "float32", shape: [1], classNames: ["a"] } as const;
    const dataset = arrayDataset({ ...form, data: Float32Array.of(0, 1, -0), labels: [0, 0, 0] });
    const store = memoryStore();
    await writeShards(dataset, store);
    const opened = await openShards(store);
    expect([opened.key(0), opened.key(2)]).toEqual([dataset.key(0), dataset.key(2)]);
    expect(withoutDuplicates(opened).length).toBe(2);
  });

  test("a shuffle seed writes in that order", async () => {
    const dataset = made(25);
    const store = memoryStore();
    await writeShards(dataset, store, { shardBytes: 120, shuffleSeed: 4 });
    const same = subset(dataset, permutation(25, 4, "shards"), "same");
    const opened = await openShards(store);
    expect([opened.hash(), await gathered(opened, all(25))]).toEqual([
      same.hash(),
      await gathered(same, all(25)),
    ]);
  });

  test("batches of any size make the same bytes", async () => {
    const dataset = made(23);
    const [whole, parts] = [memoryStore(), memoryStore()];
    await writeShards(dataset, whole, { shardBytes: 120 });
    const writer = await openShardWriter(
      parts,
      { ...dataset, wholeGroups: false },
      { shardBytes: 120 },
    );
    for (let from = 0; from < 23; from += 4) {
      const data = Float32Array.from(await gathered(dataset, all(23).subarray(from, from + 4)));
      const labels = dataset.labels.subarray(from, from + 4);
      await writer.add({ data, labels, groups: dataset.groups!.slice(from, from + 4) });
    }
    await writer.close();
    expect((await openShards(parts)).hash()).toBe(dataset.hash()); // of its header's own alone
    for (const name of await whole.list("shards/"))
      expect(await parts.read(name)).toEqual(await whole.read(name));
  });

  test("parts split off keep labels, keys and the order policy", async () => {
    const store = memoryStore();
    await writeShards(made(64), store, { shardBytes: 120 });
    const opened = await openShards(store, { window: 2 });
    const here = splitDataset(made(64), { seed: 1, validation: 0.25, duplicates: "same-side" });
    const { train } = splitDataset(opened, { seed: 1, validation: 0.25, duplicates: "same-side" });
    expect(train.hash()).toBe(here.train.hash());
    expect(await gathered(train, all(48))).toEqual(await gathered(here.train, all(48)));
    expect(train.shuffle?.window).toBe(2);
    expect(train.shuffle?.starts.length).toBe(7);
  });
});

describe("memory", () => {
  test("no more bytes than the limit, in any order of any overlapping gathers", async () => {
    const dataset = made(200);
    const store = memoryStore();
    const { shards } = await writeShards(dataset, store, { shardBytes: 120 });
    const shard = Math.max(...shards.map(({ bytes }) => bytes));
    const opened = await openShards(store, { cacheBytes: 3 * shard });
    const batches = fc.array(fc.array(fc.nat(199), { minLength: 1, maxLength: 30 }), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(batches, async (lists) => {
        const found = await Promise.all(
          lists.map((list) => gathered(opened, Int32Array.from(list))),
        );
        for (const [at, list] of lists.entries())
          expect(found[at]).toEqual(list.flatMap((i) => [i, i + 1, i + 2]));
        const { heldBytes, peakBytes } = opened.cache();
        expect(heldBytes > 0 || lists.length === 0).toBe(true);
        expect(peakBytes).toBeLessThanOrEqual(3 * shard);
      }),
    );
    expect(opened.cache().peakBytes).toBe(3 * shard);
  });

  test("an epoch reads every shard once, though only a window and one shard are held", async () => {
    const dataset = made(400);
    const store = memoryStore();
    await writeShards(dataset, store, { shardBytes: 120 });
    const opened = await openShards(store, { window: 4 });
    const batches = makeBatches({ length: 400, batchSize: 16, seed: 1, shuffle: opened.shuffle });
    for (let step = 0; step < batches.stepsPerEpoch; step++)
      await gathered(opened, batches.at(step).indices);
    const { reads, peakBytes, limitBytes } = opened.cache();
    expect(reads).toBe(40);
    expect(peakBytes).toBeLessThanOrEqual(limitBytes);
    expect(limitBytes).toBeLessThan(400 * 12); // the set itself is larger than the cache
  });

  test("a shard is read into the memory of the one that it replaces", async () => {
    const store = memoryStore();
    await writeShards(made(100), store, { shardBytes: 120 });
    let given = 0;
    const watched: Store = {
      ...store,
      read: (name, into) => {
        if (into !== undefined) given += 1;
        return store.read(name, into);
      },
    };
    const opened = await openShards(watched, { window: 1 }); // two shards are held
    for (const first of [0, 10, 20, 30]) await gathered(opened, Int32Array.of(first));
    expect(given).toBe(2);
    expect(await gathered(opened, Int32Array.of(31, 9))).toEqual([31, 32, 33, 9, 10, 11]);
  });

  test("what is in memory is given at once", async () => {
    const store = memoryStore();
    await writeShards(made(20), store, { shardBytes: 120 });
    const opened = await openShards(store);
    const into = new Float32Array(3);
    await opened.gather(Int32Array.of(15), into);
    expect(opened.gather(Int32Array.of(12), into)).toBeUndefined();
    expect([...into]).toEqual([12, 13, 14]);
  });
});

describe("order of an epoch", () => {
  test("every sample once, for any blocks; a function of seed and epoch", () => {
    const plan = fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
      window: fc.integer({ min: 1, max: 5 }),
      epoch: fc.nat(3),
    });
    fc.assert(
      fc.property(plan, ({ sizes, window, epoch }) => {
        const length = sizes.reduce((a, b) => a + b, 0);
        const starts = Int32Array.from(sizes, (_, at) =>
          sizes.slice(0, at).reduce((a, b) => a + b, 0),
        );
        const order = blockOrder(length, { starts, window }, 5, epoch);
        expect([...order].sort((a, b) => a - b)).toEqual([...all(length)]);
        expect(epochOrder({ length, seed: 5, shuffle: { starts, window } }, epoch)).toEqual(order);
      }),
    );
  });

  test("a window mixes its blocks' samples and no others; epochs and seeds differ", () => {
    const shuffle = { starts: Int32Array.from({ length: 20 }, (_, b) => 10 * b), window: 4 };
    const order = blockOrder(200, shuffle, 1, 0);
    for (let w = 0; w < 5; w++) {
      const blocks = new Set(
        [...order.subarray(40 * w, 40 * w + 40)].map((i) => Math.floor(i / 10)),
      );
      expect(blocks.size).toBe(4);
    }
    const first = [...order.subarray(0, 40)].map((i) => Math.floor(i / 10));
    expect(new Set(first.slice(0, 10)).size).toBeGreaterThan(1); // not block after block
    expect(blockOrder(200, shuffle, 1, 1)).not.toEqual(order);
    expect(blockOrder(200, shuffle, 2, 0)).not.toEqual(order);
  });
});

describe("refused", () => {
  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    const error: unknown = await work.catch((e: unknown) => e);
    if (!isDistillError(error)) throw new Error("not refused", { cause: error });
    return error.code;
  };
  const written = async (): Promise<Store> => {
    const store = memoryStore();
    await writeShards(made(30), store, { shardBytes: 120 });
    return store;
  };
  const flip = async (store: Store, name: string): Promise<void> => {
    const bytes = (await store.read(name))!;
    await store.write(name, bytes.with(bytes.length - 3, bytes.at(-3)! ^ 1));
  };

  test("a folder without manifest, and one that has one", async () => {
    expect(await codeOf(openShards(memoryStore()))).toBe("shards/missing");
    expect(await codeOf(writeShards(made(3), await written()))).toBe("shards/exists");
  });

  test("a changed, cut or missing shard, by name, when it is read", async () => {
    const changes: ((store: Store) => Promise<void>)[] = [
      (store) => flip(store, "shards/00001.safetensors"),
      (store) => store.truncate("shards/00001.safetensors", 90),
      (store) => store.remove("shards/00001.safetensors"),
    ];
    for (const change of changes) {
      const store = await written();
      await change(store);
      const opened = await openShards(store);
      expect(await gathered(opened, Int32Array.of(2))).toEqual([2, 3, 4]);
      await expect(gathered(opened, Int32Array.of(2, 12))).rejects.toThrow(
        "shards/00001.safetensors",
      );
      expect(await codeOf(gathered(opened, Int32Array.of(12)))).toBe("shards/damaged");
      expect(await gathered(opened, Int32Array.of(22))).toEqual([22, 23, 24]); // goes on
    }
  });

  test("a changed index or manifest when it is opened", async () => {
    const store = await written();
    await flip(store, "index.safetensors");
    expect(await codeOf(openShards(store))).toBe("shards/damaged");
    const other = await written();
    const text = new TextDecoder().decode(await other.read("manifest.json"));
    await other.write("manifest.json", new TextEncoder().encode(text.replace('"a"', '"x"')));
    expect(await codeOf(openShards(other))).toBe("shards/manifest");
    await other.write(
      "manifest.json",
      new TextEncoder().encode(text.replace('"uint8"', '"int8"').slice(1)),
    );
    expect(await codeOf(openShards(other))).toBe("shards/manifest");
  });

  test("a cache that cannot hold a shard; no window; labels and lengths that do not fit", async () => {
    const store = await written();
    expect(await codeOf(openShards(store, { cacheBytes: 100 }))).toBe("config/range");
    expect(await codeOf(openShards(store, { window: 0 }))).toBe("config/range");
    const writer = await openShardWriter(memoryStore(), { ...made(3), wholeGroups: false });
    const data = new Float32Array(6);
    expect(await codeOf(writer.add({ data, labels: [0] }))).toBe("data/length");
    expect(await codeOf(writer.add({ data, labels: [0, 2] }))).toBe("data/label");
    expect(await codeOf(writer.add({ data: data.fill(Number.NaN), labels: [0, 1] }))).toBe(
      "data/not-finite",
    );
    expect(await codeOf(writer.close())).toBe("data/empty");
  });
});

test.each<[string, object, string]>([
  [
    "a scale of 0",
    { preprocessing: { scale: 0, offset: 0 } },
    "preprocessing.scale: must not be 0",
  ],
  ["no offset", { preprocessing: { scale: 1 } }, "preprocessing.offset: "],
  ["one class twice", { classNames: ["a", "a"] }, "classNames: must differ"],
  ["no word on groups", { wholeGroups: undefined }, "wholeGroups: "],
])("a header is refused before a sample is written: %s", async (_, change, says) => {
  const store = memoryStore();
  const header = {
    ...{ name: "made", dtype: "float32", shape: [1], classNames: ["a", "b"], wholeGroups: false },
    ...{ preprocessing: { scale: 1, offset: 0 }, ...change },
  } as Parameters<typeof openShardWriter>[1];
  await expect(openShardWriter(store, header)).rejects.toMatchObject({
    code: "shards/header",
    message: expect.stringContaining(says),
  });
});
