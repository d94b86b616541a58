/** @file Opens a finished soft-label package for reading; nothing is made or written there. */

import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openSoftLabels, type SoftLabels, type Store } from "../data/index.ts";
import { readFileBytes } from "../data/sources/index-node.ts";
import { DataError, isDistillError } from "../errors/index.ts";

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

/** A folder as a store that can only be read. */
function readingStore(path: string): Store {
  const location = resolve(path);
  const refuse = async (): Promise<never> => {
    throw new DataError("file/unwritable", {
      where: location,
      rule: "this package is only read",
      fix: "Write to another folder",
    });
  };
  return {
    location,
    read: async (name) => {
      try {
        return await readFileBytes(join(location, name), "a package's file");
      } catch (error) {
        if (isDistillError(error) && error.code === "file/missing") return undefined;
        throw error;
      }
    },
    write: refuse,
    append: refuse,
    truncate: refuse,
    remove: refuse,
    list: refuse,
  };
}
