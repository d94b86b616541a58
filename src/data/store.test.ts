import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryStore } from "./memory-store.ts";
import { folderStore } from "./sources/folder-store-node.ts";
import type { Store } from "./store.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe.each<[string, () => Promise<Store>]>([
  ["memoryStore", async () => memoryStore()],
  ["folderStore", () => folderStore(join(folder, "new", "run"))],
])("%s", (_, open) => {
  test("gives back what was written, and undefined for what was not", async () => {
    const store = await open();
    expect(await store.read("a/b.bin")).toBeUndefined();
    await store.write("a/b.bin", bytes(1, 2, 3));
    await store.write("a/b.bin", bytes(4));
    await store.write("empty", bytes());
    expect(await store.read("a/b.bin")).toEqual(bytes(4));
    expect(await store.read("empty")).toEqual(bytes());
    expect(await store.read("a/b.bin/c")).toBeUndefined();
  });

  test("bytes given and taken are the caller's to change", async () => {
    const store = await open();
    const mine = bytes(1, 2);
    await store.write("x", mine);
    mine[0] = 9;
    const got = await store.read("x");
    expect(got?.constructor).toBe(Uint8Array);
    got![1] = 9;
    expect(await store.read("x")).toEqual(bytes(1, 2));
  });

  test("reads into given memory of just the file's size, and leaves any other alone", async () => {
    const store = await open();
    await store.write("x", bytes(1, 2, 3));
    const into = bytes(7, 7, 7);
    expect(await store.read("x", into)).toBe(into);
    expect(into).toEqual(bytes(1, 2, 3));
    for (const other of [bytes(7, 7), bytes(7, 7, 7, 7), bytes()]) {
      const before = other.slice();
      expect(await store.read("x", other)).toEqual(bytes(1, 2, 3));
      expect(other).toEqual(before);
    }
    expect(await store.read("none", into)).toBeUndefined();
  });

  test("appends, creating the file, and cuts to a length", async () => {
    const store = await open();
    await store.append("log/events", bytes(1, 2));
    await store.append("log/events", bytes(3, 4));
    expect(await store.read("log/events")).toEqual(bytes(1, 2, 3, 4));
    await store.truncate("log/events", 3);
    await store.truncate("log/events", 10); // not longer than it is
    expect(await store.read("log/events")).toEqual(bytes(1, 2, 3));
    await expect(store.truncate("none", 0)).rejects.toMatchObject({ code: "file/missing" });
  });

  test("lists names by prefix, sorted, and removes", async () => {
    const store = await open();
    for (const name of ["shards/1", "shards/0", "manifest.json", "shards-old"])
      await store.write(name, bytes(0));
    expect(await store.list()).toEqual(["manifest.json", "shards-old", "shards/0", "shards/1"]);
    expect(await store.list("shards/")).toEqual(["shards/0", "shards/1"]);
    expect(await store.list("none")).toEqual([]);
    await store.remove("shards/0");
    await store.remove("shards/0");
    expect(await store.list("shards/")).toEqual(["shards/1"]);
  });

  test.each(["../x", "/x", "a//b", "a/./b", "", "a\\b", "x.partial"])(
    "refuses the name %j everywhere",
    async (name) => {
      const store = await open();
      const calls = [
        () => store.read(name),
        () => store.write(name, bytes()),
        () => store.append(name, bytes()),
        () => store.truncate(name, 0),
        () => store.remove(name),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "file/name" });
    },
  );
});

test("a folder store leaves no temporary files and hides those of a crash", async () => {
  const store = await folderStore(folder);
  writeFileSync(join(folder, "a.partial"), "half");
  expect(await store.list()).toEqual([]);
  await store.write("a", bytes(1));
  expect(readdirSync(folder)).toEqual(["a"]);
});

test("two stores on a folder see the same files", async () => {
  await (await folderStore(folder)).write("a/b", bytes(7));
  expect(await (await folderStore(folder)).read("a/b")).toEqual(bytes(7));
});

test("a file in the folder's place is refused with what to do", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  for (const path of [file, join(file, "below")])
    await expect(folderStore(path)).rejects.toMatchObject({
      code: "file/unwritable",
      message: `${path}: the file must be readable and writable, got a file in the folder's place. Choose another folder.`,
    });
});
