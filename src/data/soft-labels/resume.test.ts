import { describe, expect, test } from "vitest";
import type { Store } from "../store.ts";
import { openSoftLabels, openSoftLabelWriter, type SoftLabelHeader } from "./index.ts";
import { mapStore, rejectionCode, sampleData, writePackage } from "./package.cases.ts";

/** A store that stops at its k-th change, just before it or just after it. */
function failingStore(files: Map<string, Uint8Array>, k: number, when: "before" | "after"): Store {
  const inner = mapStore(files);
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
const uninterrupted = new Map<string, Uint8Array>();
await writePackage(mapStore(uninterrupted), data, options);

describe.each(["before", "after"] as const)("killed %s the k-th change of the store", (when) => {
  // progress, 4 × (shard, progress), manifest, removal of progress
  test.each(Array.from({ length: 11 }, (_, i) => i + 1))("k = %i", async (k) => {
    const files = new Map<string, Uint8Array>();
    await expect(writePackage(failingStore(files, k, when), data, options)).rejects.toThrow(
      "killed",
    );
    if (k > 1 && !files.has("manifest.json"))
      await expect(openSoftLabels(mapStore(files))).rejects.toThrow(/label again.*resumes/);
    await writePackage(mapStore(files), data, options);
    expect(files).toEqual(uninterrupted);
  });

  test("there are no more changes than these", async () => {
    await writePackage(failingStore(new Map(), 12, when), data, options);
  });

  test("killed again and again, one change further each time", async () => {
    const files = new Map<string, Uint8Array>();
    for (let kill = 0; kill < 4; kill++)
      await expect(writePackage(failingStore(files, 3, when), data, options)).rejects.toThrow();
    await writePackage(mapStore(files), data, options);
    expect(files).toEqual(uninterrupted);
  });
});

test("a finished package is found finished, and stays as it is", async () => {
  const files = new Map(uninterrupted);
  const header = { ...data.header, withInputs: true };
  const writer = await openSoftLabelWriter(mapStore(files), header, options);
  expect(writer.done).toBe(11);
  await writer.close();
  expect(files).toEqual(uninterrupted);
});

test("what was written is not asked for again", async () => {
  const files = new Map<string, Uint8Array>();
  const header = { ...data.header, withInputs: true };
  const first = await openSoftLabelWriter(mapStore(files), header, options);
  await first.add(data.batchWithInputs(0, 8)); // two shards, two samples in memory
  expect((await openSoftLabelWriter(mapStore(files), header, options)).done).toBe(6);
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
    const store = mapStore();
    await openSoftLabelWriter(store, data.header, { samplesPerShard: 3 });
    const again = openSoftLabelWriter(store, { ...data.header, ...change }, { samplesPerShard });
    await expect(again).rejects.toThrow(`and ${field} is not the same`);
  });
});

test("going on after a damaged shard is refused", async () => {
  const files = new Map(uninterrupted);
  files.set("shards/00001.safetensors", files.get("shards/00001.safetensors")!.slice(0, -1));
  const header = { ...data.header, withInputs: true };
  const opening = openSoftLabelWriter(mapStore(files), header, options);
  await expect(opening).rejects.toThrow("shards/00001.safetensors");
});

test("a writer refuses to go on after the store failed, and after close", async () => {
  const header = { ...data.header, withInputs: true };
  const failing = await openSoftLabelWriter(failingStore(new Map(), 2, "before"), header, options);
  await expect(failing.add(data.batchWithInputs(0, 4))).rejects.toThrow("killed");
  expect(await rejectionCode(failing.add(data.batchWithInputs(0, 4)))).toBe("package/writer-state");
  const closed = await openSoftLabelWriter(mapStore(new Map(uninterrupted)), header, options);
  await closed.close();
  expect(await rejectionCode(closed.close())).toBe("package/writer-state");
});

test("calls that overlap are refused", async () => {
  const header = { ...data.header, withInputs: true };
  const writer = await openSoftLabelWriter(mapStore(), header, options);
  const first = writer.add(data.batchWithInputs(0, 4));
  expect(await rejectionCode(writer.add(data.batchWithInputs(4, 8)))).toBe("package/writer-state");
  await first;
});
