/** @file Node's own SHA-256, by OpenSSL. */

import { createHash, hash } from "node:crypto";
import type { Sha256Platform } from "../../hash/index.ts";

export const nodeSha256: Sha256Platform = {
  start: () => {
    const digest = createHash("sha256");
    return {
      update: (bytes) => void digest.update(bytes),
      hex: () => digest.digest("hex"),
    };
  },
  hex: (bytes) => hash("sha256", bytes, "hex"), // half the time of starting a digest for few bytes
};
