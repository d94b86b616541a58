/**
 * @file A store in a folder. Writes go to a temporary file that is flushed to disk and then
 * renamed.
 */

import { mkdir, open, readdir, rename, rm, truncate } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { DataError } from "../../errors/index.ts";
import type { Store } from "../store.ts";
import { assertStoreName, missingFile } from "../store.ts";
import { readWhole, systemCode } from "./read-file-node.ts";

/** marks a file being written; a crash can leave one, the next write of that name replaces it */
const partial = ".partial";

/**
 * Opens a folder as a store, making it if needed, and checks that it can be written.
 *
 * @throws DataError "file/unwritable" or "file/disk-full"
 */
export async function folderStore(path: string): Promise<Store> {
  const location = resolve(path);
  await guarded(location, () => mkdir(location, { recursive: true }));
  await probe(location);
  const pathOf = (name: string): string => join(location, assertStoreName(location, name));
  return {
    location,
    read: async (name, into) => readIfThere(pathOf(name), into),
    write: async (name, bytes) => writeAtomically(pathOf(name), bytes),
    append: async (name, bytes) => {
      const file = pathOf(name);
      await guarded(file, async () => {
        await mkdir(dirname(file), { recursive: true });
        await writeAndSync(file, "a", bytes);
      });
    },
    truncate: async (name, length) => {
      const file = pathOf(name);
      const size = (await readSize(file)) ?? failMissing(location, name);
      if (length < size) await guarded(file, () => truncate(file, length));
    },
    remove: async (name) => {
      const file = pathOf(name);
      await guarded(file, () => rm(file, { force: true }));
    },
    list: (prefix = "") => listFiles(location, prefix),
  };
}

/**
 * Writes and removes a file, so that an unwritable folder or a full disk is refused before work
 * starts.
 */
async function probe(location: string): Promise<void> {
  const file = join(location, `.probe-${process.pid}${partial}`);
  await guarded(location, async () => {
    await removedOnFailure(file, () => writeAndSync(file, "w", new Uint8Array(4096)));
    await rm(file, { force: true });
  });
}

async function writeAtomically(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = file + partial;
  await guarded(file, async () => {
    await mkdir(dirname(file), { recursive: true });
    await removedOnFailure(temporary, async () => {
      await writeAndSync(temporary, "w", bytes);
      await rename(temporary, file);
    });
    await syncFolder(dirname(file));
  });
}

async function removedOnFailure(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await rm(file, { force: true }).catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}

async function writeAndSync(file: string, flag: "w" | "a", bytes: Uint8Array): Promise<void> {
  const handle = await open(file, flag);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a rename last through a power cut, where the system lets folders be flushed. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function readIfThere(file: string, into?: Uint8Array): Promise<Uint8Array | undefined> {
  return guarded(file, () => absentAsUndefined(readWhole(file, into)));
}

async function readSize(file: string): Promise<number | undefined> {
  return guarded(file, async () => {
    const handle = await absentAsUndefined(open(file, "r"));
    if (handle === undefined) return undefined;
    try {
      return (await handle.stat()).size;
    } finally {
      await handle.close();
    }
  });
}

function failMissing(location: string, name: string): never {
  throw missingFile(location, name);
}

async function absentAsUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  });
}

async function listFiles(location: string, prefix: string): Promise<readonly string[]> {
  const entries = await guarded(location, () =>
    readdir(location, { recursive: true, withFileTypes: true }),
  );
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(partial))
    .map((entry) => relative(location, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((name) => name.startsWith(prefix))
    .sort();
}

const fixes: Readonly<Record<string, readonly [code: string, got: string, fix: string]>> = {
  ENOSPC: ["file/disk-full", "a full disk", "Free space, or choose a folder on another disk"],
  EDQUOT: ["file/disk-full", "a used-up quota", "Free space, or choose another folder"],
  EACCES: ["file/unwritable", "permission denied", "Choose a folder that you may write to"],
  EPERM: ["file/unwritable", "permission denied", "Choose a folder that you may write to"],
  EROFS: ["file/unwritable", "a read-only file system", "Choose a folder on a writable disk"],
  ENOTDIR: ["file/unwritable", "a file in the folder's place", "Choose another folder"],
  EEXIST: ["file/unwritable", "a file in the folder's place", "Choose another folder"],
};

/** Runs file work and turns the system's errors into ours. */
async function guarded<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = systemCode(error);
    if (reason === undefined || error instanceof DataError) throw error;
    const [code, got, fix] = fixes[reason] ?? [
      "file/failed",
      reason,
      "Check the disk and the path",
    ];
    throw new DataError(code, {
      where: file,
      rule: "the file must be readable and writable",
      got,
      fix,
      details: { file, reason },
      cause: error,
    });
  }
}
