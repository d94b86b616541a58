/** @file Reading a file that the user named, with errors that say what to do. */

import { open, readFile } from "node:fs/promises";
import { DataError } from "../../errors/index.ts";

/**
 * @param what what the file should hold ("MNIST images in IDX format"), for messages
 * @param into as `readWhole` has it
 * @throws DataError "file/missing" if there is no such file; "file/unreadable" for anything else
 *   that stops reading
 */
export async function readFileBytes(
  path: string,
  what: string,
  into?: Uint8Array,
): Promise<Uint8Array> {
  try {
    return await readWhole(path, into);
  } catch (error) {
    throw readError(path, what, error);
  }
}

/**
 * @param into memory that nothing else uses: the answer, if it has just the file's size
 * @throws what the system says
 */
export async function readWhole(path: string, into?: Uint8Array): Promise<Uint8Array> {
  if (into === undefined) return plainBytes(await readFile(path));
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    if (size !== into.length) return plainBytes(await handle.readFile());
    let at = 0;
    for (let read = 1; at < size && read > 0; at += read)
      read = (await handle.read(into, at, size - at, at)).bytesRead;
    return at === size ? into : into.subarray(0, at); // the file can have become shorter
  } finally {
    await handle.close();
  }
}

/** Node's Buffer redefines slice() to share memory; everything else expects a plain Uint8Array. */
function plainBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
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
