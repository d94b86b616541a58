/**
 * @file The folder of results that runs share, by default `.store` beside the run folders: each
 * task is done by one process at a time.
 */

import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { folderStore } from "../../data/sources/index-node.ts";
import { type Claim, type ResultStore, resultStore } from "../../distill/index.ts";
import { ConfigError, isDistillError } from "../../errors/index.ts";
import { lockFolder } from "./folder-lock.ts";
import { removeMade, unwritableFolder } from "./made-folders.ts";

export interface StoreFolder {
  readonly path: string;
  readonly results: ResultStore;
  readonly claim: Claim;
  /** removes a folder that was made for this, with all in it; no other */
  readonly discard: () => Promise<void>;
}

/** @returns where results lie unless the user names another place */
export function defaultStore(runs: string): string {
  return join(runs, ".store");
}

/** @throws DataError "file/unwritable", "file/disk-full" */
export async function openStoreFolder(path: string): Promise<StoreFolder> {
  const made = await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw unwritableFolder(path, error, "Choose another place with --store FOLDER");
  });
  const store = await folderStore(path);
  return {
    path,
    results: resultStore(store),
    claim: async ({ id, name }, signal) => {
      const release = await taken(join(path, "claims", id), name, signal);
      for (const place of ["results", "work"]) await removePartials(join(path, place, id));
      return release;
    },
    discard: async () => {
      if (made === undefined) return;
      await rm(path, { recursive: true, force: true });
      await removeMade(made, dirname(resolve(path)));
    },
  };
}

const lookMs = 250;

/** Waits until nobody else does the task. */
async function taken(
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  for (;;) {
    try {
      const { release } = await lockFolder(folder);
      return () => release().then(() => rm(folder, { recursive: true, force: true }));
    } catch (error) {
      if (!isDistillError(error) || error.code !== "run/in-use") throw error;
      if (signal.aborted) throw stoppedWaiting(name);
      await new Promise((done) => setTimeout(done, lookMs));
    }
  }
}

function stoppedWaiting(name: string): ConfigError {
  return new ConfigError("run/interrupted", {
    where: name,
    rule: "stopped on request while another process did this task",
    fix: "Give the same command again",
  });
}

/** What a killed process had begun to write: nobody reads it. */
async function removePartials(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && entry.name.endsWith(".partial"))
      await rm(join(entry.parentPath, entry.name), { force: true });
}
