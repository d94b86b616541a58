/** @file Reading a file that the user named, with errors that say what to do. */

import { readFile } from "node:fs/promises";
import { DataError } from "../../errors/index.ts";

/**
 * @param what what the file should hold ("MNIST images in IDX format"), for messages
 * @throws DataError "file/missing" if there is no such file; "file/unreadable" for anything else
 *   that stops reading
 */
export async function readFileBytes(path: string, what: string): Promise<Uint8Array> {
  try {
    return plainBytes(await readFile(path));
  } catch (error) {
    throw readError(path, what, error);
  }
}

/** Node's Buffer redefines slice() to share memory; everything else expects a plain Uint8Array. */
export function plainBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** @returns the DataError for a failed read of `path` */
export function readError(path: string, what: string, error: unknown): DataError {
  const reason = systemCode(error);
  const missing = reason === "ENOENT" || reason === "ENOTDIR";
  return new DataError(missing ? "file/missing" : "file/unreadable", {
    where: path,
    rule: `${what} must be readable`,
    got: missing ? "no such file or folder" : String(reason ?? error),
    fix: missing
      ? "Correct the path; relative paths start at the working directory"
      : "Check that it is of the right kind and that you may read it",
    details: { file: path, reason },
    cause: error,
  });
}

/** @returns the system's name of an error ("ENOSPC"), or undefined */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
