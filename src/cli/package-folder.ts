/** @file Opens a finished soft-label package for reading; nothing is made or written there. */

import { stat } from "node:fs/promises";
import { openSoftLabels, type SoftLabels } from "../data/index.ts";
import { readingStore } from "../data/sources/index-node.ts";
import { DataError } from "../errors/index.ts";

/** @throws DataError "file/missing" if there is no such folder; otherwise as openSoftLabels */
export async function openPackageFolder(path: string): Promise<SoftLabels> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || !info.isDirectory())
    throw new DataError("file/missing", {
      where: path,
      rule: "a soft-label package is a folder",
      got: info === undefined ? "no such folder" : "a file",
      fix: "Make one with: potstill label RECIPE.yaml --out FOLDER",
    });
  return openSoftLabels(readingStore(path));
}
