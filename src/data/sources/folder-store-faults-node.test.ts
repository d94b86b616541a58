import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { folderStore } from "./folder-store-node.ts";

// the system's errors, raised where the system would raise them; a full disk cannot be had
// otherwise
const fault = vi.hoisted(() => ({ code: "", at: "" }));
vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs/promises")>();
  const raise = (): never => {
    throw Object.assign(new Error(fault.code), { code: fault.code });
  };
  return {
    ...real,
    rename: async (from: string, to: string) =>
      fault.at === "rename" ? raise() : real.rename(from, to),
    open: async (path: string, flag: string): Promise<FileHandle> => {
      if (fault.at === "open" && flag !== "r") raise();
      const handle = await real.open(path, flag);
      const write = handle.writeFile.bind(handle);
      handle.writeFile = async (data) => {
        if (fault.at !== "write") return write(data);
        await write((data as Uint8Array).subarray(0, 1)); // the part that still fitted
        raise();
      };
      return handle;
    },
  };
});

let folder = "";
beforeEach(() => {
  fault.at = "";
  folder = mkdtempSync(join(tmpdir(), "faults-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  [
    "ENOSPC",
    "write",
    "file/disk-full",
    "a full disk. Free space, or choose a folder on another disk.",
  ],
  ["EDQUOT", "write", "file/disk-full", "a used-up quota. Free space, or choose another folder."],
  [
    "EACCES",
    "open",
    "file/unwritable",
    "permission denied. Choose a folder that you may write to.",
  ],
  [
    "EROFS",
    "open",
    "file/unwritable",
    "a read-only file system. Choose a folder on a writable disk.",
  ],
  ["EIO", "rename", "file/failed", "EIO. Check the disk and the path."],
])(
  "%s while writing: the old file stays, nothing half-written is left",
  async (code, at, ours, got) => {
    const store = await folderStore(folder);
    await store.write("a", Uint8Array.of(1, 2, 3));
    Object.assign(fault, { code, at });
    const file = join(folder, "a");
    await expect(store.write("a", Uint8Array.of(4, 5, 6))).rejects.toMatchObject({
      code: ours,
      message: `${file}: the file must be readable and writable, got ${got}`,
    });
    expect(await store.read("a")).toEqual(Uint8Array.of(1, 2, 3));
    expect(readdirSync(folder)).toEqual(["a"]);
  },
);

test.each([
  ["ENOSPC", "write", "file/disk-full"],
  ["EROFS", "open", "file/unwritable"],
])("%s is found when the store is opened, before any work", async (code, at, ours) => {
  Object.assign(fault, { code, at });
  await expect(folderStore(folder)).rejects.toMatchObject({ code: ours });
  expect(readdirSync(folder)).toEqual([]);
});
