/**
 * @file Run folders: runs/<recipe>-<n>, numbered, never overwritten; what each says about itself
 * in run.json.
 */

import { existsSync } from "node:fs";
import { mkdir, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Store } from "../data/index.ts";
import { folderStore, systemCode } from "../data/sources/index-node.ts";
import { DataError } from "../errors/index.ts";
import { lockFolder } from "./folder-lock.ts";

export interface RunFolder {
  readonly path: string;
  readonly store: Store;
  /** removes the folder and the ones above it that were made for it */
  readonly discard: () => Promise<void>;
  /** lets other processes work in it */
  readonly release: () => Promise<void>;
}

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
      await removeEmpty(made, root);
      throw unwritable(path, error);
    }
    const discard = async (): Promise<void> => {
      await rm(path, { recursive: true, force: true });
      await removeEmpty(made, root);
    };
    try {
      return { path, store: await folderStore(path), discard, release: await lockFolder(path) };
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
    throw unwritable(root, error);
  }
}

/** Removes `root` and its parents up to `first`, as long as they are empty. */
async function removeEmpty(first: string | undefined, root: string): Promise<void> {
  if (first === undefined) return;
  for (let at = root; at.length >= first.length || at === root; at = dirname(at)) {
    const gone = await rmdir(at).then(
      () => true,
      () => false, // another run lives there
    );
    if (!gone || at === dirname(at)) return;
  }
}

function unwritable(path: string, cause: unknown): DataError {
  const reason = systemCode(cause);
  const isFull = reason === "ENOSPC" || reason === "EDQUOT";
  return new DataError(isFull ? "file/disk-full" : "file/unwritable", {
    where: path,
    rule: "the run folder must be writable",
    got: reason === "EACCES" ? "permission denied" : String(reason ?? cause),
    fix: "Choose another place with --runs FOLDER",
    details: { file: path, reason },
    cause,
  });
}
