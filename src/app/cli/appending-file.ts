/** @file Log files: written to at once, flushed to the disk on demand. */

import { closeSync, fstatSync, fsyncSync, openSync, writeSync } from "node:fs";
import { systemCode } from "../../data/sources/index-node.ts";
import { DataError } from "../../errors/index.ts";

/** A file that grows at its end. */
export interface AppendingFile {
  /** when it was opened */
  readonly isEmpty: boolean;
  readonly write: (content: string | Uint8Array) => void;
  readonly sync: () => void;
  readonly close: () => void;
}

/** @throws DataError "file/disk-full" or "file/failed", from every method */
export function openAppending(path: string): AppendingFile {
  const handle = guarded(path, () => openSync(path, "a"));
  return {
    isEmpty: fstatSync(handle).size === 0,
    write: (content) => {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      guarded(path, () => {
        for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
      });
    },
    sync: () => guarded(path, () => fsyncSync(handle)),
    close: () => closeSync(handle),
  };
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const reason = systemCode(cause);
    const isFull = reason === "ENOSPC" || reason === "EDQUOT";
    throw new DataError(isFull ? "file/disk-full" : "file/failed", {
      where: path,
      rule: "the run's log must be writable",
      got: isFull ? "a full disk" : String(reason ?? cause),
      fix: "Free space, then resume the run",
      details: { file: path, reason },
      cause,
    });
  }
}
