/**
 * @file Where run folders and soft-label packages are kept: a few named byte strings (a folder,
 * memory, later object storage), and the rules that every store keeps.
 */

import { DataError } from "../errors/index.ts";

/**
 * Names are relative paths with "/" ("shards/00000.safetensors"). All methods reject with DataError
 * "file/..." on failure.
 */
export interface Store {
  /** shown in messages: the folder's path */
  readonly location: string;
  /**
   * @param into memory that nothing else uses: the answer, if it has just the file's size
   * @returns the whole file, for the caller to keep and change, or undefined if there is none
   */
  readonly read: (name: string, into?: Uint8Array) => Promise<Uint8Array | undefined>;
  /**
   * Replaces the file in one step: a reader, or a crash at any moment, sees the old bytes or the
   * new ones, never a part.
   */
  readonly write: (name: string, bytes: Uint8Array) => Promise<void>;
  /**
   * Adds to the end of the file, creating it if needed. Not atomic: a crash can leave a part of
   * `bytes`.
   */
  readonly append: (name: string, bytes: Uint8Array) => Promise<void>;
  /** Cuts the file to its first `length` bytes. */
  readonly truncate: (name: string, length: number) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  /** @returns all names that start with `prefix`, sorted */
  readonly list: (prefix?: string) => Promise<readonly string[]>;
}

/**
 * Names are relative paths with "/", no empty, "." or ".." parts, no "\"; and none ends in
 * ".partial", which marks files being written.
 *
 * @returns the name
 * @throws DataError "file/name"
 */
export function assertStoreName(location: string, name: string): string {
  const parts = name.split("/");
  const bad = parts.some((part) => part === "" || part === "." || part === "..");
  if (bad || /[\\\0]/.test(name) || name.endsWith(".partial"))
    throw new DataError("file/name", {
      where: location,
      rule: 'names in a store are relative paths with "/", without "..", not ending in ".partial"',
      got: JSON.stringify(name),
      fix: "Use a name such as shards/00000.safetensors",
      details: { location, name },
    });
  return name;
}

/** The error for changing a file that is not there. */
export function missingFile(location: string, name: string): DataError {
  return new DataError("file/missing", {
    where: `${location}/${name}`,
    rule: "the file must exist",
    got: "no such file",
    fix: "Write it first",
    details: { file: `${location}/${name}` },
  });
}
