/** @file The work of potstill store: what is there, whether it is sound, what nobody needs. */

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Found, type ResultStore, readPlan } from "../../distill/index.ts";
import { assertKnown, DataError } from "../../errors/index.ts";
import { planName } from "./conduct.ts";
import { StartedFailure } from "./failure.ts";
import { openStoreFolder } from "./store-folder.ts";

export interface StoreAnswer {
  readonly lines: readonly string[];
  readonly results: readonly StoredResult[];
  /** damaged results, for the exit code */
  readonly failure: StartedFailure | null;
}

interface StoredResult {
  readonly id: string;
  /** null for one that is not whole */
  readonly kind: string | null;
  readonly state: Found["state"];
  readonly bytes: number;
  readonly reason?: string;
}

interface StoreOptions {
  readonly runs: string;
  readonly isDryRun: boolean;
}

const actions = {
  list: async (results: ResultStore): Promise<StoreAnswer> => {
    const found = await readAll(results);
    const kindOf = ({ kind }: StoredResult): string => kind ?? "unfinished or damaged";
    const rows = [...new Set(found.map(kindOf))].map((kind) => {
      const own = found.filter((each) => kindOf(each) === kind);
      return `${kind}  ${own.length}  ${showBytes(own)}`;
    });
    return { lines: [...rows.sort(), totalOf(results, found)], results: found, failure: null };
  },

  check: async (results: ResultStore): Promise<StoreAnswer> => {
    const found = await readAll(results);
    const damaged = found.filter(({ state }) => state === "damaged");
    const lines = damaged.map(({ id, reason }) => `${id.slice(0, 12)}  damaged: ${reason}`);
    const failure =
      damaged.length === 0 ? null : new StartedFailure(damagedResults(results, damaged.length));
    return { lines: [...lines, totalOf(results, found)], results: found, failure };
  },

  prune: async (results: ResultStore, options: StoreOptions): Promise<StoreAnswer> => {
    const needed = await neededIds(options.runs);
    const gone = (await readAll(results)).filter(({ id }) => !needed.has(id));
    if (!options.isDryRun) for (const { id } of gone) await results.remove(id);
    const verb = options.isDryRun ? "would be removed" : "removed";
    return {
      lines: [`${results.location}: ${gone.length} results ${verb}, ${showBytes(gone)}`],
      results: gone,
      failure: null,
    };
  },
} as const;

/**
 * @throws ConfigError "config/unknown-name" for another action; DataError "file/missing" without a
 *   store
 */
export async function storeAction(
  action: string,
  path: string,
  options: StoreOptions,
): Promise<StoreAnswer> {
  assertKnown("potstill store", "action", action, Object.keys(actions));
  if (!existsSync(path))
    throw new DataError("file/missing", {
      where: path,
      rule: "a store is a folder that potstill distill has written to",
      got: "no such folder",
      fix: "Name it with --store, or the folder of the runs with --runs",
    });
  const { results } = await openStoreFolder(path);
  return actions[action as keyof typeof actions](results, options);
}

async function readAll(results: ResultStore): Promise<StoredResult[]> {
  const all: StoredResult[] = [];
  for (const id of await results.ids()) {
    const found = await results.check(id);
    const isWhole = found.state === "whole";
    const kind = isWhole ? found.entry.task.kind : null;
    const bytes = isWhole ? found.entry.files.reduce((sum, file) => sum + file.bytes, 0) : 0;
    const reason = found.state === "damaged" ? { reason: found.reason } : {};
    all.push({ id, kind, state: found.state, bytes, ...reason });
  }
  return all;
}

/** @returns ids in the plans of all run folders. @throws as readPlan, for a plan that was edited */
async function neededIds(runs: string): Promise<ReadonlySet<string>> {
  const needed = new Set<string>();
  if (!existsSync(runs)) return needed;
  for (const name of await readdir(runs)) {
    const file = join(runs, name, planName);
    if (!existsSync(file)) continue;
    for (const { id } of readPlan(await readFile(file, "utf8"), file).tasks) needed.add(id);
  }
  return needed;
}

function totalOf({ location }: ResultStore, found: readonly StoredResult[]): string {
  return `${location}: ${found.length} results, ${showBytes(found)}`;
}

function showBytes(found: readonly StoredResult[]): string {
  return `${(found.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(2)} MB`;
}

function damagedResults({ location }: ResultStore, count: number): DataError {
  return new DataError("store/damaged", {
    where: location,
    rule: "every result must be as it was written",
    got: `${count} damaged`,
    fix: "Run the recipes again: damaged results are made anew",
  });
}
