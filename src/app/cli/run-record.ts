/**
 * @file run.json: what made a run, and how it stands. A run is resumed only by what would make
 * the same.
 */

import * as z from "zod";
import type { Store } from "../../data/index.ts";
import { ConfigError, DataError } from "../../errors/index.ts";

/** What must be equal for a resumed run to end as the uninterrupted one. */
export interface RunIdentity {
  readonly recipeHash: string;
  readonly dataHash: string;
  readonly teacherHash: string;
  /** of the model that students start from; absent where none was given */
  readonly startHash?: string;
  readonly version: string;
  readonly runtime: string;
  readonly runtimeVersion: string;
  readonly node: string;
  readonly threads: number;
}

export interface RunRecord {
  readonly format: "potstill-run-2";
  readonly status: "running" | "done" | "interrupted" | "failed";
  readonly identity: RunIdentity;
  /** its name */
  readonly recipe: string;
  readonly commandLine: string;
  /** where the command was given: relative paths in the recipe start there */
  readonly folder: string;
  readonly cpu: string;
  /** ISO 8601 */
  readonly started: string;
  readonly ended: string | null;
  /** where the results of its tasks are: a path from the run's folder */
  readonly store: string;
  /** how often the run was resumed */
  readonly resumed: number;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const recordSchema: z.ZodType<RunRecord> = z.strictObject({
  format: z.literal("potstill-run-2"),
  status: z.enum(["running", "done", "interrupted", "failed"]),
  identity: z.strictObject({
    recipeHash: z.string(),
    dataHash: z.string(),
    teacherHash: z.string(),
    startHash: z.string().exactOptional(),
    version: z.string(),
    runtime: z.string(),
    runtimeVersion: z.string(),
    node: z.string(),
    threads: z.int(),
  }),
  recipe: z.string(),
  commandLine: z.string(),
  folder: z.string(),
  cpu: z.string(),
  started: z.string(),
  ended: z.string().nullable(),
  store: z.string(),
  resumed: z.int(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});

export const recordName = "run.json";

export async function writeRecord(store: Store, record: RunRecord): Promise<void> {
  const text = `${JSON.stringify(recordSchema.parse(record), null, 1)}\n`;
  await store.write(recordName, new TextEncoder().encode(text));
}

/** @throws DataError "run/not-a-run" if the folder holds no run */
export async function readRecord(store: Pick<Store, "read" | "location">): Promise<RunRecord> {
  const bytes = await store.read(recordName);
  const parsed = recordSchema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  throw new DataError("run/not-a-run", {
    where: store.location,
    rule: `a run folder holds ${recordName}`,
    got: bytes === undefined ? "no such file" : "a file that is not a run's record",
    fix: "Give the folder of a run, for example runs/digits-quick-1",
  });
}

function parseJson(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array()));
  } catch {
    return undefined; // refused by the schema
  }
}

const names: Readonly<Record<keyof RunIdentity, string>> = {
  recipeHash: "recipe.resolved.yaml",
  dataHash: "the data",
  teacherHash: "the teacher",
  startHash: "the model to start from",
  version: "Potstill's version",
  runtime: "the runtime",
  runtimeVersion: "the runtime's version",
  node: "Node's version",
  threads: "the number of threads",
};

const shown = (value: string | number = "none"): string => String(value).slice(0, 12);

/** @throws ConfigError "run/changed" naming every difference */
export function assertSameIdentity(where: string, then: RunIdentity, now: RunIdentity): void {
  const keys = Object.keys(names) as (keyof RunIdentity)[]; // its own keys
  const changed = keys.filter((key) => then[key] !== now[key]);
  if (changed.length === 0) return;
  const show = (key: keyof RunIdentity): string =>
    `${names[key]} (${shown(then[key])} then, ${shown(now[key])} now)`;
  throw new ConfigError("run/changed", {
    where,
    rule: "a run can only be resumed by what started it",
    got: `another state of ${changed.map(show).join(", ")}`,
    fix: "Bring it back, or start a new run",
    details: { changed },
  });
}
