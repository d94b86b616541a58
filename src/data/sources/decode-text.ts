/** @file Bytes of a table as text. */

import { DataError } from "../../errors/index.ts";

/** @throws DataError "file/magic" unless the bytes are UTF-8 */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new DataError("file/magic", {
      where: file,
      rule: "a table must be UTF-8 text",
      got: "other bytes",
      fix: "Save it as UTF-8, or give the right file",
      details: { file },
      cause: error,
    });
  }
}
