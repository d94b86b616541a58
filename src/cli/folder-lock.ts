/**
 * @file One process at a time in a run folder: a lock file that names its process, and that a
 * killed process leaves behind without harm.
 */

import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { systemCode } from "../data/sources/index-node.ts";
import { ConfigError, isDistillError } from "../errors/index.ts";
import { removeMade, unwritableFolder } from "./made-folders.ts";

export const lockName = "in-use.json";
const partialMark = ".partial";

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** tells two processes of one number apart */
  readonly id: string;
}

export interface FolderLock {
  /** gives the folder back */
  readonly release: () => Promise<void>;
  /** removes a folder that was made for this, with all in it and the parents made; no other */
  readonly discard: () => Promise<void>;
}

/**
 * Takes a folder for this process, making it if needed, and removes what writes that were cut off
 * have left there.
 *
 * @throws ConfigError "run/in-use" if another living process holds it; DataError
 *   "file/unwritable", "file/disk-full"
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const file = join(folder, lockName);
  const own: Holder = { pid: process.pid, host: hostname(), id: randomUUID() };
  let made: string | undefined;
  try {
    made = await mkdir(folder, { recursive: true });
    while (!(await created(file, own))) {
      const holder = await readHolder(file);
      if (holder === undefined) continue; // given back meanwhile
      if (isAlive(holder)) throw inUse(folder, file, holder);
      await removeStale(file, holder);
    }
    await removePartials(folder);
  } catch (error) {
    await leaveNothing(folder, made, own);
    const reason = systemCode(error);
    if (reason === undefined || isDistillError(error)) throw error;
    throw unwritableFolder(folder, error, "Choose another folder");
  }
  const release = async (): Promise<void> => {
    const holder = await readHolder(file);
    if (holder?.id === own.id) await rm(file, { force: true });
  };
  const discard = async (): Promise<void> => {
    if (made === undefined) return;
    await rm(folder, { recursive: true, force: true });
    await removeMade(made, dirname(resolve(folder)));
  };
  return { release, discard };
}

/** Removes our lock, cut off perhaps, and the folders that were made for it. */
async function leaveNothing(folder: string, made: string | undefined, own: Holder): Promise<void> {
  if (made === undefined) return;
  const holder = await readFile(join(folder, lockName), "utf8").catch(() => "");
  if (`${JSON.stringify(own)}\n`.startsWith(holder))
    await rm(join(folder, lockName), { force: true }).catch(() => undefined);
  await removeMade(made, folder);
}

/** @returns false where a lock is already */
async function created(file: string, holder: Holder): Promise<boolean> {
  try {
    await writeFile(file, `${JSON.stringify(holder)}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Between a lock's making and its first byte another process may look; it looks again. */
const looks = 20;
const lookMs = 25;

/** @returns undefined if there is no lock; a lock that keeps saying nothing is a dead process's */
async function readHolder(file: string): Promise<Holder | undefined> {
  for (let look = 0; look < looks; look++) {
    try {
      return JSON.parse(await readFile(file, "utf8")) as Holder; // this module's own file
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      if (!(error instanceof SyntaxError)) throw error;
    }
    await new Promise((done) => setTimeout(done, lookMs));
  }
  return { pid: 0, host: hostname(), id: "" };
}

/** A process on another machine cannot be looked at: it counts as alive. */
function isAlive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid || pid <= 0) return false; // an earlier process of this number
  try {
    process.kill(pid, 0); // no signal: only asks
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM"; // there, and another user's
  }
}

/**
 * Moves the dead process's lock away. Where another process was quicker and has locked already,
 * what was moved is its lock: it is put back.
 */
async function removeStale(file: string, stale: Holder): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return; // another process has moved it
    throw error;
  }
  const moved = await readHolder(aside);
  if (moved !== undefined && moved.id !== stale.id) await created(file, moved);
  await rm(aside, { force: true });
}

/** Files that a killed process had begun: nobody reads them, and they are written anew. */
async function removePartials(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries)
    if (entry.isFile() && entry.name.endsWith(partialMark))
      await rm(join(entry.parentPath, entry.name), { force: true });
}

function inUse(folder: string, file: string, { pid, host }: Holder): ConfigError {
  return new ConfigError("run/in-use", {
    where: folder,
    rule: "one process at a time works in a folder",
    got: `process ${pid} on ${host}, which is at work there`,
    fix: `Wait for it, or stop it; if it is gone, delete ${file}`,
    details: { pid, host },
  });
}
