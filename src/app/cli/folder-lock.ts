/**
 * @file One process at a time in a run folder: a lock file that names its process, and that a
 * killed process leaves behind without harm.
 *
 * Nobody removes another's lock, since it may be a living one's by then. Who finds the holder dead
 * makes a file that is named after it and says who comes next; only one can make it. The folder is
 * held by the last in that chain, and the chain counts from the lock file on: a successor of whom
 * it no longer tells was too late. The new holder then takes the lock file's place.
 */

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { systemCode } from "../../data/sources/index-node.ts";
import { ConfigError, isDistillError } from "../../errors/index.ts";
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
 * Takes a folder for this process, making it if needed. Where it takes it over from one that died,
 * it removes what writes that were cut off have left there.
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
      const holder = await lastHolder(file);
      if (holder === undefined) continue; // given back meanwhile
      if (isAlive(holder)) throw inUse(folder, file, holder);
      if (!(await succeeded(file, holder, own))) continue;
      await removePartials(folder); // and the chain
      break;
    }
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

/**
 * The file is there with all that it says, or not at all, where the file system has links.
 *
 * @returns false where it is already
 */
async function created(file: string, holder: Holder): Promise<boolean> {
  const text = `${JSON.stringify(holder)}\n`;
  const draft = draftOf(file, holder);
  try {
    await writeFile(draft, text);
    await link(draft, file).catch(async (error: unknown) => {
      if (!withoutLinks.has(systemCode(error) ?? "")) throw error;
      await writeFile(file, text, { flag: "wx" });
    });
    return true;
  } catch (error) {
    const code = systemCode(error);
    // without its draft, which a holder has removed, there is a holder
    if (code === "EEXIST" || (code === "ENOENT" && existsSync(dirname(file)))) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

const withoutLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP"]);

const draftOf = (file: string, { id }: Holder): string => `${file}.${id}${partialMark}`;
const successorOf = (file: string, { id }: Holder): string => `${file}.after-${id}${partialMark}`;

/** @returns who holds the folder, or did until it died; undefined if nobody */
async function lastHolder(file: string): Promise<Holder | undefined> {
  let last = await readHolder(file);
  for (let next = last; next !== undefined; next = await readHolder(successorOf(file, last!)))
    last = next;
  return last;
}

/** @returns true if the folder is ours now; false if it is to be looked at again */
async function succeeded(file: string, dead: Holder, own: Holder): Promise<boolean> {
  const mark = successorOf(file, dead);
  if (!(await created(mark, own))) return false;
  const last = await lastHolder(file);
  if (last?.id !== own.id) {
    await rm(mark, { force: true });
    return false;
  }
  await writeFile(draftOf(file, own), `${JSON.stringify(own)}\n`);
  await rename(draftOf(file, own), file);
  return true;
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
