/** @file What lies in a folder of recordings. */

import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { readError } from "./read-file-node.ts";

/**
 * @returns the files in a folder and in those below it, hidden ones left out: their paths from the
 *   folder on, with "/", in code-point order
 * @throws DataError "file/missing", "file/unreadable" for the folder
 */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      throw readError(folder, "a folder of recordings", error);
    },
  );
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}
