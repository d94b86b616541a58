/**
 * @file SHA-256 as hex text, by pure JavaScript until the platform's own is given: the same
 * digests, several times as fast.
 */

import { sha256 as pure } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** A digest that is being made. */
export interface Sha256 {
  readonly update: (bytes: Uint8Array) => void;
  /** @returns 64 hex digits; nothing can be added afterwards */
  readonly hex: () => string;
}

/** What a platform gives. */
export interface Sha256Platform {
  /** starts a digest */
  readonly start: () => Sha256;
  /** the digest of bytes that are all there, 64 hex digits */
  readonly hex: (bytes: Uint8Array) => string;
}

/** By pure JavaScript. */
export const pureSha256: Sha256Platform = {
  start: () => {
    const hash = pure.create();
    return {
      update: (bytes) => void hash.update(bytes),
      hex: () => bytesToHex(hash.digest()),
    };
  },
  hex: (bytes) => bytesToHex(pure(bytes)),
};

let platform = pureSha256;

/** Takes another SHA-256 from now on, for the whole process. `runtime/node.ts` gives Node's. */
export function provideSha256(given: Sha256Platform): void {
  platform = given;
}

/** @returns a digest that has seen nothing yet */
export function startSha256(): Sha256 {
  return platform.start();
}

/** @returns the digest of `bytes` (FIPS 180-4), 64 hex digits */
export function sha256Hex(bytes: Uint8Array): string {
  return platform.hex(bytes);
}
