/** @file What lies in a folder and in those below it. */

import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../../errors/index.ts";
import { readError } from "./read-file-node.ts";
import { visibleEntries } from "./visible-entries-node.ts";

/**
 * @param what the folder should be ("a folder of recordings"), for messages
 * @returns the files in a folder and in those below it, hidden ones left out and symbolic links
 *   followed: their paths from the folder on, with "/", in code-point order
 * @throws DataError as visibleEntries; "file/unreadable" for a link to a folder above it
 */
export async function filesBelow(folder: string, what: string): Promise<readonly string[]> {
  const files: string[] = [];
  await collect(folder, "", what, { above: [], files });
  return files.sort();
}

/** @param above the true paths of the folders that this one lies in */
async function collect(
  folder: string,
  prefix: string,
  what: string,
  { above, files }: { readonly above: readonly string[]; readonly files: string[] },
): Promise<void> {
  const path = await realpath(folder).catch((error: unknown) => {
    throw readError(folder, what, error);
  });
  if (above.includes(path))
    throw new DataError("file/unreadable", {
      where: folder,
      rule: "a folder must not lead back into itself",
      got: "a link to a folder above",
      fix: "Remove the link",
      details: { file: folder, target: path },
    });
  for (const { name, kind } of await visibleEntries(folder, what)) {
    if (kind === "file") files.push(`${prefix}${name}`);
    if (kind === "folder")
      await collect(join(folder, name), `${prefix}${name}/`, what, {
        above: [...above, path],
        files,
      });
  }
}
