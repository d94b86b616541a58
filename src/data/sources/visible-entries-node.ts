/** @file What lies in a folder of data: hidden entries are left out, symbolic links followed. */

import { readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../../errors/index.ts";
import { readError, systemCode } from "./read-file-node.ts";

export interface Entry {
  readonly name: string;
  /** "other": a pipe, a socket, a device */
  readonly kind: "file" | "folder" | "other";
}

/**
 * @param what the folder should be ("a folder of recordings"), for messages
 * @throws DataError "file/missing" for the folder or for a link that leads nowhere;
 *   "file/unreadable"
 */
export async function visibleEntries(folder: string, what: string): Promise<readonly Entry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw readError(folder, what, error);
  });
  const visible = entries.filter(({ name }) => !name.startsWith("."));
  return Promise.all(
    visible.map(async (entry) => {
      const found = entry.isSymbolicLink() ? await linked(join(folder, entry.name)) : entry;
      const kind = found.isFile() ? "file" : found.isDirectory() ? "folder" : "other";
      return { name: entry.name, kind };
    }),
  );
}

type Kind = Awaited<ReturnType<typeof stat>>;

async function linked(path: string): Promise<Kind> {
  try {
    return await stat(path);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "ELOOP")
      throw readError(path, "what a symbolic link leads to", error);
    throw new DataError("file/missing", {
      where: path,
      rule: "a symbolic link must lead to a file or folder",
      got: `one to ${await readlink(path)}, which is not there`,
      fix: "Fetch what it stands for (git annex get, dvc pull), or remove it",
      details: { file: path, reason: code },
      cause: error,
    });
  }
}
