/**
 * @file Folders that a command makes: removed again if it comes to nothing, and why one cannot be
 * made.
 */

import { rmdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { systemCode } from "../../data/sources/index-node.ts";
import { DataError } from "../../errors/index.ts";

/**
 * Removes `folder` and its parents up to `first`, as long as they are empty.
 *
 * @param first what mkdir made first; undefined if it made nothing
 */
export async function removeMade(first: string | undefined, folder: string): Promise<void> {
  if (first === undefined) return;
  const top = resolve(first);
  for (let at = resolve(folder); at.length >= top.length; at = dirname(at)) {
    const gone = await rmdir(at).then(
      () => true,
      () => false, // something else lives there
    );
    if (!gone) return;
  }
}

/** @returns "file/disk-full" or "file/unwritable", by the system's own code */
export function unwritableFolder(folder: string, cause: unknown, elsewhere: string): DataError {
  const reason = systemCode(cause);
  const isFull = reason === "ENOSPC" || reason === "EDQUOT";
  const words: Readonly<Record<string, string>> = {
    EACCES: "permission denied",
    EROFS: "a read-only file system",
    ENOTDIR: "a file",
  };
  return new DataError(isFull ? "file/disk-full" : "file/unwritable", {
    where: folder,
    rule: "the folder must be writable",
    got: isFull ? "a full disk" : (words[String(reason)] ?? String(reason ?? cause)),
    fix: isFull ? `Free space, or ${elsewhere[0]?.toLowerCase()}${elsewhere.slice(1)}` : elsewhere,
    details: { file: folder, reason },
    cause,
  });
}
