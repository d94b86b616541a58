/**
 * @file SHA-256, by pure JavaScript until the platform's own is given: the same digests, several
 * times as fast.
 */

import { sha256 as pure } from "@noble/hashes/sha2.js";

/** A digest that is being made. */
export interface Sha256 {
  readonly update: (bytes: Uint8Array) => Sha256;
  /** @returns the 32 bytes; nothing can be added afterwards */
  readonly digest: () => Uint8Array;
  /** @returns a digest of the same bytes so far, which goes on by itself */
  readonly clone: () => Sha256;
}

let start: () => Sha256 = () => pure.create();

/**
 * Takes the platform's SHA-256 from now on, for the whole process. `runtime/node.ts` gives Node's.
 *
 * @param platform starts a digest
 */
export function provideSha256(platform: () => Sha256): void {
  start = platform;
}

/** @returns a digest that has seen nothing yet */
export function startSha256(): Sha256 {
  return start();
}

/** @returns the 32 bytes of the digest of `bytes` (FIPS 180-4) */
export function sha256(bytes: Uint8Array): Uint8Array {
  return start().update(bytes).digest();
}
