import { describe, expect, test } from "vitest";
import { memoryStore } from "../memory-store.ts";
import type { Store } from "../store.ts";
import { openSoftLabels, openSoftLabelWriter, type SoftLabelHeader } from "./index.ts";
import { filesOf, rejectionCode, sampleData, storeWith, writePackage } from "./package.cases.ts";

/** A store that stops at its k-th change, just before it or just after it. */
function failingStore(inner: Store, k: number, when: "before" | "after"): Store {
  let changes = 0;
  const change = async (run: () => Promise<void>): Promise<void> => {
    changes += 1;
    if (changes === k && when === "before") throw new Error("killed");
    await run();
    if (changes === k) throw new Error("killed");
  };
  return {
    ...inner,
    write: (name, bytes) => change(() => inner.write(name, bytes)),
    remove: (name) => change(() => inner.remove(name)),
  };
}

const data = sampleData({ samples: 11, views: 2, members: 2 });
const options = { samplesPerShard: 3, batch: 2, withInputs: true };
const whole = memoryStore();
await writePackage(whole, data, options);
const uninterrupted = await filesOf(whole);

describe.each(["before", "after"] as const)("killed %s the k-th change of the store", (when) => {
  // progress, 4 × (shard, progress), manifest, removal of progress
  test.each(Array.from({ length: 11 }, (_, i) => i + 1))("k = %i", async (k) => {
    const store = memoryStore();
    await expect(writePackage(failingStore(store, k, when), data, options)).rejects.toThrow(
      "killed",
    );
    if (k > 1 && (await store.read("manifest.json")) === undefined)
      await expect(openSoftLabels(store)).rejects.toThrow(/label again.*resumes/);
    await writePackage(store, data, options);
    expect(await filesOf(store)).toEqual(uninterrupted);
  });

  test("there are no more changes than these", async () => {
    await writePackage(failingStore(memoryStore(), 12, when), data, options);
  });

  test("killed again and again, one change further each time", async () => {
    const store = memoryStore();
    for (let kill = 0; kill < 4; kill++)
      await expect(writePackage(failingStore(store, 3, when), data, options)).rejects.toThrow();
    await writePackage(store, data, options);
    expect(await filesOf(store)).toEqual(uninterrupted);
  });
});

test("a finished package is found finished, and stays as it is", async () => {
  const store = await storeWith(uninterrupted);
  const header = { ...data.header, withInputs: true };
  const writer = await openSoftLabelWriter(store, header, options);
  expect(writer.done).toBe(11);
  await writer.close();
  expect(await filesOf(store)).toEqual(uninterrupted);
});

test("what was written is not asked for again", async () => {
  const store = memoryStore();
  const header = { ...data.header, withInputs: true };
  const first = await openSoftLabelWriter(store, header, options);
  await first.add(data.batchWithInputs(0, 8)); // two shards, two samples in memory
  expect((await openSoftLabelWriter(store, header, options)).done).toBe(6);
});

describe("going on with other settings is refused by name", () => {
  test.each<[string, Partial<SoftLabelHeader>, number]>([
    ["teacherHash", { teacherHash: "cd".repeat(32) }, 3],
    ["precision", { precision: "int8" }, 3],
    ["views.seed", { views: { ...data.header.views, seed: 8 } }, 3],
    [
      "views.augmentation.shift",
      { views: { ...data.header.views, augmentation: { shift: 3, flip: false } } },
      3,
    ],
    ["samplesPerShard", {}, 4],
    ["createdBy", { createdBy: "potstill 9" }, 3],
  ])("%s", async (field, change, samplesPerShard) => {
    const store = memoryStore();
    const first = await openSoftLabelWriter(store, data.header, { samplesPerShard: 3 });
    expect(await store.list()).toEqual([]); // nothing before the first samples
    await first.add(data.batch(0, 1));
    expect(await store.list()).toEqual(["progress.json"]);
    const again = openSoftLabelWriter(store, { ...data.header, ...change }, { samplesPerShard });
    await expect(again).rejects.toThrow(`and ${field} is not the same`);
  });
});

test("going on after a damaged shard is refused", async () => {
  const store = await storeWith(uninterrupted);
  const name = "shards/00001.safetensors";
  await store.write(name, uninterrupted.get(name)!.slice(0, -1));
  const header = { ...data.header, withInputs: true };
  const opening = openSoftLabelWriter(store, header, options);
  await expect(opening).rejects.toThrow("shards/00001.safetensors");
});

test("a writer refuses to go on after the store failed, and after close", async () => {
  const header = { ...data.header, withInputs: true };
  const failing = await openSoftLabelWriter(
    failingStore(memoryStore(), 2, "before"),
    header,
    options,
  );
  await expect(failing.add(data.batchWithInputs(0, 4))).rejects.toThrow("killed");
  expect(await rejectionCode(failing.add(data.batchWithInputs(0, 4)))).toBe("package/writer-state");
  const closed = await openSoftLabelWriter(await storeWith(uninterrupted), header, options);
  await closed.close();
  expect(await rejectionCode(closed.close())).toBe("package/writer-state");
});

test("calls that overlap are refused", async () => {
  const header = { ...data.header, withInputs: true };
  const writer = await openSoftLabelWriter(memoryStore(), header, options);
  const first = writer.add(data.batchWithInputs(0, 4));
  expect(await rejectionCode(writer.add(data.batchWithInputs(4, 8)))).toBe("package/writer-state");
  await first;
});
