/** @file A folder as a store that can only be read. */

import { join, resolve } from "node:path";
import { DataError, isDistillError } from "../../errors/index.ts";
import type { Store } from "../store.ts";
import { readFileBytes } from "./read-file-node.ts";

/** @returns the folder as a store that refuses to write: DataError "file/unwritable" */
export function readingStore(path: string): Store {
  const location = resolve(path);
  const refuse = async (): Promise<never> => {
    throw new DataError("file/unwritable", {
      where: location,
      rule: "this folder is only read",
      fix: "Write to another folder",
    });
  };
  return {
    location,
    read: async (name, into) => {
      try {
        return await readFileBytes(join(location, name), "a file of this folder", into);
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
