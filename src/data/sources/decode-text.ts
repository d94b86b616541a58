/** @file Bytes of a table, or of another file, as text. */

import { DataError } from "../../errors/index.ts";

/**
 * @param what the bytes should be, for messages
 * @throws DataError "file/magic" unless the bytes are UTF-8; "file/too-large" if the platform's
 *   strings cannot hold them
 */
export function decodeText(bytes: Uint8Array, file: string, what = "a table"): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    if (cause instanceof TypeError) throw notText(file, what, cause); // as the standard says
    throw new DataError("file/too-large", {
      where: file,
      rule: `${what} must be short enough to be read as one text, about 512 MiB`,
      got: `${bytes.length} bytes`,
      fix: "Give fewer lines, or numbers as .npy or Parquet",
      details: { file, sizeBytes: bytes.length },
      cause,
    });
  }
}

function notText(file: string, what: string, cause: TypeError): DataError {
  return new DataError("file/magic", {
    where: file,
    rule: `${what} must be UTF-8 text`,
    got: "other bytes",
    fix: "Save it as UTF-8, or give the right file",
    details: { file },
    cause,
  });
}
