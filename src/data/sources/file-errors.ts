/** @file The errors that all file formats share. */

import { DataError } from "../../errors/index.ts";

/** `what` is a format's name: "an IDX file". */
export function wrongMagic(where: string, what: string, bytes: Uint8Array, fix: string): DataError {
  const first = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0"));
  return new DataError("file/magic", {
    where,
    rule: `the first bytes must be those of ${what}`,
    got: first.length === 0 ? "an empty file" : first.join(" "),
    fix,
    details: { file: where, first },
  });
}

export function truncated(where: string, what: string, needed: number, got: number): DataError {
  const short = got < needed;
  return new DataError(short ? "file/truncated" : "file/too-long", {
    where,
    rule: `${what} must hold ${needed} bytes`,
    got: `${got}`,
    fix: short
      ? "The file is cut off; copy or download it again"
      : "The file does not end where its header says; make it again",
    details: { file: where, needed, got },
  });
}

export function damaged(where: string, what: string, cause?: unknown): DataError {
  return new DataError("file/damaged", {
    where,
    rule: `${what} must decompress without error`,
    got: cause instanceof Error ? cause.message : "a wrong checksum",
    fix: "The file is damaged or cut off; copy or download it again",
    details: { file: where },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Something in a readable file that this reader does not take. */
export function unsupported(where: string, rule: string, got: string, fix: string): DataError {
  return new DataError("file/unsupported", { where, rule, got, fix, details: { file: where } });
}
