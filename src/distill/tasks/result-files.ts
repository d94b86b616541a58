/** @file What tasks write into their results, and read of others': JSON and rows of numbers. */

import type { Store } from "../../data/index.ts";
import { canonicalJson } from "./task.ts";

export async function writeJson(
  store: Pick<Store, "write">,
  name: string,
  value: unknown,
): Promise<void> {
  await store.write(name, new TextEncoder().encode(`${canonicalJson(value, name)}\n`));
}

/** @returns what `writeJson` has written; the executor has compared its checksum */
export async function readJson<T>(store: Pick<Store, "read">, name: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode((await store.read(name))!)) as T; // of a whole result
}

export async function writeFloats(
  store: Pick<Store, "write">,
  name: string,
  values: Float32Array,
): Promise<void> {
  await store.write(name, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** @returns float32, as `writeFloats` has written them */
export async function readFloats(store: Pick<Store, "read">, name: string): Promise<Float32Array> {
  const bytes = (await store.read(name))!; // of a whole result
  return new Float32Array(bytes.slice().buffer);
}
