/**
 * @file Results of tasks under their ids: `results/ID/…` with `entry.json`, which is written last
 * and holds a checksum of every file; `work/ID/…` for what a task must find again after a crash.
 */

import * as z from "zod";
import type { Json, Store } from "../../data/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { prefixStore } from "../prefix-store.ts";
import { canonicalJson, type Task, taskId } from "./task.ts";

/** entry.json */
export interface ResultEntry {
  readonly task: Task;
  readonly files: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly sha256: string;
  }[];
}

export type Found =
  | { readonly state: "absent" }
  | { readonly state: "whole"; readonly entry: ResultEntry }
  /** something is there and is not what was written; `reason` is for people */
  | { readonly state: "damaged"; readonly reason: string };

/** Where a task leaves its result, and what it must find again after a crash. */
export interface TaskPlace {
  readonly result: Store;
  readonly work: Store;
}

export interface ResultStore {
  readonly location: string;
  /** reads every file of the result and compares checksums */
  readonly check: (id: string) => Promise<Found>;
  /** the files of a result, to be read */
  readonly open: (id: string) => Store;
  readonly place: (id: string) => TaskPlace;
  /** removes what the work has left, and says that the result is whole */
  readonly finish: (task: Task) => Promise<ResultEntry>;
  /** removes result and work, the entry first, so that no moment shows a part as whole */
  readonly remove: (id: string) => Promise<void>;
  /** ids that have a result, or the beginning of one, sorted */
  readonly ids: () => Promise<readonly string[]>;
}

const entryName = "entry.json";

const entrySchema = z.strictObject({
  format: z.literal("potstill-result-1"),
  task: z.strictObject({
    kind: z.string(),
    version: z.int(),
    spec: z.json() as z.ZodType<Json>,
    needs: z.record(z.string(), z.array(z.string())),
  }),
  files: z.array(z.strictObject({ name: z.string(), bytes: z.int(), sha256: z.string() })),
});

export function resultStore(store: Store): ResultStore {
  const resultOf = (id: string): Store => prefixStore(store, `results/${id}/`);
  const workOf = (id: string): Store => prefixStore(store, `work/${id}/`);
  return {
    location: store.location,
    check: (id) => checkResult(resultOf(id), id),
    open: resultOf,
    place: (id) => ({ result: resultOf(id), work: workOf(id) }),
    finish: async (task) => {
      const id = taskId(task);
      await removeAll(workOf(id)); // a crash before the entry is there costs the task's work alone
      return writeEntry(resultOf(id), task);
    },
    remove: async (id) => {
      await resultOf(id).remove(entryName);
      await removeAll(resultOf(id));
      await removeAll(workOf(id));
    },
    ids: async () => {
      const names = [...(await store.list("results/")), ...(await store.list("work/"))];
      return [...new Set(names.map((name) => name.split("/")[1]!))].sort(); // "results/ID/…"
    },
  };
}

async function writeEntry(result: Store, { kind, version, spec, needs }: Task) {
  const files: ResultEntry["files"][number][] = [];
  for (const name of await result.list()) {
    if (name === entryName) continue;
    const bytes = (await result.read(name))!; // it has just been listed
    files.push({ name, bytes: bytes.length, sha256: sha256Hex(bytes) });
  }
  const task = { kind, version, spec, needs };
  const entry = { format: "potstill-result-1", task, files };
  await result.write(entryName, new TextEncoder().encode(`${canonicalJson(entry, "entry")}\n`));
  return { task, files };
}

async function checkResult(result: Store, id: string): Promise<Found> {
  const bytes = await result.read(entryName);
  if (bytes === undefined) return { state: "absent" };
  const entry = readEntry(bytes);
  if (entry === undefined || taskId(entry.task) !== id)
    return { state: "damaged", reason: `${entryName} is not this task's` };
  for (const { name, bytes: length, sha256 } of entry.files) {
    const file = await result.read(name);
    if (file === undefined) return { state: "damaged", reason: `${name} is missing` };
    if (file.length !== length || sha256Hex(file) !== sha256)
      return { state: "damaged", reason: `${name} is not what was written` };
  }
  return { state: "whole", entry };
}

function readEntry(bytes: Uint8Array): ResultEntry | undefined {
  try {
    const { task, files } = entrySchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return { task, files };
  } catch {
    return undefined;
  }
}

async function removeAll(store: Store): Promise<void> {
  for (const name of await store.list()) await store.remove(name);
}
