import { sha256 as pure } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { afterEach, describe, expect, it } from "vitest";
import { provideSha256, sha256, startSha256 } from "../hash/index.ts";
import { nodeSha256 } from "./sha256-node.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

afterEach(() => provideSha256(() => pure.create()));

describe.each([
  ["pure JavaScript", () => pure.create()],
  ["Node", nodeSha256],
] as const)("sha256 by %s", (_, platform) => {
  it("gives the standard's digest of abc", () => {
    provideSha256(platform);
    // FIPS 180-4's example, from the NIST's page of example values
    expect(bytesToHex(sha256(text("abc")))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  it("is the same in pieces, and a copy goes on by itself", () => {
    provideSha256(platform);
    const common = startSha256().update(text("a")).update(text("b"));
    const [other, same] = [common.clone().update(text("x")), common.clone().update(text("c"))];
    expect(bytesToHex(same.digest())).toBe(bytesToHex(sha256(text("abc"))));
    expect(bytesToHex(other.digest())).toBe(bytesToHex(sha256(text("abx"))));
    expect(bytesToHex(common.digest())).toBe(bytesToHex(sha256(text("ab"))));
  });
});
