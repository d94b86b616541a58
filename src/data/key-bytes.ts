/** @file Keys of samples as files hold them: 16 bytes for 32 hex digits. */

import { bytesToHex } from "@noble/hashes/utils.js";

/** Bytes of a stored key: the first 16 of a sample's SHA-256. */
export const KEY_BYTES = 16;

const none = 255;
/** Value of a hex digit by its character's code; `none` for any other character. */
const digitValue = new Uint8Array(128).fill(none);
for (const [value, digit] of [..."0123456789abcdef"].entries())
  digitValue[digit.charCodeAt(0)] = value;

/** @returns whether it is 32 hex digits in lower case */
export function isKey(text: string): boolean {
  if (text.length !== 2 * KEY_BYTES) return false;
  for (let at = 0; at < text.length; at++)
    if ((digitValue[text.charCodeAt(at)] ?? none) === none) return false;
  return true;
}

/** Puts a key in the place of sample `index`. */
export function writeKey(key: string, into: Uint8Array, index: number): void {
  for (let at = 0; at < KEY_BYTES; at++) {
    const high = digitValue[key.charCodeAt(2 * at)]!; // a key has hex digits alone
    const low = digitValue[key.charCodeAt(2 * at + 1)]!;
    into[index * KEY_BYTES + at] = 16 * high + low;
  }
}

/** @returns the key of sample `index` */
export function readKey(keys: Uint8Array, index: number): string {
  return bytesToHex(keys.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES));
}
