/** @file Node's own SHA-256. */

import { createHash, type Hash } from "node:crypto";
import type { Sha256 } from "../hash/index.ts";

/** @returns a digest by OpenSSL */
export function nodeSha256(): Sha256 {
  return over(createHash("sha256"));
}

function over(hash: Hash): Sha256 {
  const self: Sha256 = {
    update: (bytes) => {
      hash.update(bytes);
      return self;
    },
    digest: () => new Uint8Array(hash.digest()),
    clone: () => over(hash.copy()),
  };
  return self;
}
