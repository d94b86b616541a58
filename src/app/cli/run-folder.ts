/**
 * @file Run folders: runs/<recipe>-<n>, numbered, never overwritten; what each says about itself
 * in run.json.
 */

import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Store } from "../../data/index.ts";
import { folderStore, systemCode } from "../../data/sources/index-node.ts";
import { lockFolder } from "./folder-lock.ts";
import { removeMade, unwritableFolder } from "./made-folders.ts";

export interface RunFolder {
  readonly path: string;
  readonly store: Store;
  /** removes the folder and the ones above it that were made for it */
  readonly discard: () => Promise<void>;
  /** lets other processes work in it */
  readonly release: () => Promise<void>;
}

const elsewhere = "Choose another place with --runs FOLDER";

/**
 * Makes the next folder <root>/<name>-<n>, n from 1, and takes it for this process.
 *
 * @throws DataError "file/unwritable", "file/disk-full"; nothing is left behind then
 */
export async function createRunFolder(root: string, name: string): Promise<RunFolder> {
  const made = await guardedMkdir(root);
  for (let number = 1; ; number++) {
    const path = join(root, `${name}-${number}`);
    if (existsSync(path)) continue;
    try {
      await mkdir(path);
    } catch (error) {
      if (systemCode(error) === "EEXIST") continue; // made by another run since
      await removeMade(made, root);
      throw unwritableFolder(path, error, elsewhere);
    }
    const discard = async (): Promise<void> => {
      await rm(path, { recursive: true, force: true });
      await removeMade(made, root);
    };
    try {
      const { release } = await lockFolder(path);
      return { path, store: await folderStore(path), discard, release };
    } catch (error) {
      await discard();
      throw error;
    }
  }
}

/** @returns the first folder that had to be made, or undefined */
async function guardedMkdir(root: string): Promise<string | undefined> {
  try {
    return await mkdir(root, { recursive: true });
  } catch (error) {
    throw unwritableFolder(root, error, elsewhere);
  }
}
