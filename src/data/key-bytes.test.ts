/** @file Keys as bytes: what is a key, and back again. */

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { expect, test } from "vitest";
import { sha256Hex } from "../hash/index.ts";
import { isKey, KEY_BYTES, readKey, writeKey } from "./key-bytes.ts";

const keys = ["a", "b", "c"].map((text) => sha256Hex(new TextEncoder().encode(text)).slice(0, 32));

test("keys stand one after the other, byte for byte, and are read again", () => {
  const bytes = new Uint8Array(keys.length * KEY_BYTES);
  for (const [index, key] of keys.entries()) writeKey(key, bytes, index);
  expect(bytes).toEqual(hexToBytes(keys.join("")));
  expect(bytesToHex(bytes)).toBe(keys.join(""));
  expect(keys.map((_, index) => readKey(bytes, index))).toEqual(keys);
});

test.each(["0123456789abcdef0123456789abcdef", ...keys])("%s is a key", (text) => {
  expect(isKey(text)).toBe(true);
});

test.each([
  ["short", "0".repeat(31)],
  ["long", "0".repeat(33)],
  ["upper case", `${"0".repeat(31)}A`],
  ["no digit", `${"0".repeat(31)}g`],
  ["before the digits", `/${"0".repeat(31)}`],
  ["not ASCII", `${"0".repeat(31)}é`],
  ["empty", ""],
])("%s is none", (_, text) => {
  expect(isKey(text)).toBe(false);
});
