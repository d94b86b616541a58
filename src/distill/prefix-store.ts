/** @file A part of a store as a store of its own. */

import type { Store } from "../data/index.ts";

/** @param prefix ends with "/" */
export function prefixStore(store: Store, prefix: string): Store {
  return {
    location: `${store.location}/${prefix.slice(0, -1)}`,
    read: (name, into) => store.read(prefix + name, into),
    write: (name, bytes) => store.write(prefix + name, bytes),
    append: (name, bytes) => store.append(prefix + name, bytes),
    truncate: (name, length) => store.truncate(prefix + name, length),
    remove: (name) => store.remove(prefix + name),
    list: async (inner = "") =>
      (await store.list(prefix + inner)).map((name) => name.slice(prefix.length)),
  };
}
