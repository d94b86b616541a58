/** @file A store in memory: for tests, browsers and packages that never touch a disk. */

import type { Store } from "./store.ts";
import { assertStoreName, missingFile } from "./store.ts";

/** @returns an empty store; bytes are copied in and out */
export function memoryStore(location = "memory"): Store {
  const files = new Map<string, Uint8Array>();
  const existing = (name: string): Uint8Array => {
    const bytes = files.get(name);
    if (bytes === undefined) throw missingFile(location, name);
    return bytes;
  };
  return {
    location,
    read: async (name, into) => {
      const bytes = files.get(assertStoreName(location, name));
      if (bytes === undefined || into?.length !== bytes.length) return bytes?.slice();
      into.set(bytes);
      return into;
    },
    write: async (name, bytes) => {
      files.set(assertStoreName(location, name), bytes.slice());
    },
    append: async (name, bytes) => {
      const old = files.get(assertStoreName(location, name)) ?? new Uint8Array(0);
      const joined = new Uint8Array(old.length + bytes.length);
      joined.set(old);
      joined.set(bytes, old.length);
      files.set(name, joined);
    },
    truncate: async (name, length) => {
      const old = existing(assertStoreName(location, name));
      if (length < old.length) files.set(name, old.slice(0, length));
    },
    remove: async (name) => {
      files.delete(assertStoreName(location, name));
    },
    list: async (prefix = "") => [...files.keys()].filter((n) => n.startsWith(prefix)).sort(),
  };
}
