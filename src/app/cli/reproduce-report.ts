/** @file The work of potstill reproduce. */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readFileBytes } from "../../data/sources/index-node.ts";
import { DataError, RunError } from "../../errors/index.ts";
import type { Report } from "../report/index.ts";
import { checkRecipe, type Recipe } from "../spec/index.ts";
import { StartedFailure } from "./failure.ts";
import { prepareData } from "./prepare.ts";
import { readReport } from "./read-report.ts";
import { type FinishedRun, type RunRequest, startRun } from "./start-run.ts";

/**
 * Runs the report's recipe and compares.
 *
 * @throws DataError "reproduce/data" if the data are not those of the report; RunError
 *   "reproduce/different" with every
 *   number that differs and what is not as it was
 */
export async function reproduceReport(
  path: string,
  root: string,
  request: RunRequest,
): Promise<void> {
  const then = await readReport(await readFileBytes(path, "a report"), path);
  const recipe = checkRecipe(then.recipe, `${path}: recipe`);
  await assertSameData(recipe, then, path);
  const { report: now, path: run } = await runAnew(recipe, root, request);
  const differing = differences(numbersOf(then), numbersOf(now), "");
  const reasons = environmentDifferences(then, now);
  if (differing.length > 0) throw new StartedFailure(different(run, differing, reasons));
  const { terminal, json } = request;
  const also = reasons.length === 0 ? "" : ` (although ${reasons.join("; ")})`;
  terminal.print(
    json
      ? JSON.stringify({ type: "done", run, same: true, reasons })
      : `Same numbers as ${path}${also}.`,
  );
}

/** With a store of its own: results that are there already would reproduce themselves. */
async function runAnew(recipe: Recipe, root: string, request: RunRequest): Promise<FinishedRun> {
  const storePath = join(root, `.store-reproduce-${process.pid}`);
  try {
    return await startRun(recipe, root, { ...request, storePath });
  } finally {
    await rm(storePath, { recursive: true, force: true });
  }
}

async function assertSameData(recipe: Recipe, then: Report, path: string): Promise<void> {
  const { hash } = await prepareData(recipe);
  if (hash === then.data.hash) return;
  throw new DataError("reproduce/data", {
    where: path,
    rule: `the data must have the hash of the report, ${then.data.hash}`,
    got: hash,
    fix: "Bring back the files that the report was made from; relative paths start at the working directory",
    details: { report: then.data.hash, now: hash },
  });
}

/**
 * What must be equal: everything that is measured on samples, nothing that is measured by a
 * clock.
 */
function numbersOf({ models, comparisons, data, seeds }: Report): unknown {
  const tests = Object.entries(models).map(([name, model]) => [
    name,
    model === null ? null : { test: model.test, parameters: model.parameters, bytes: model.bytes },
  ]);
  return { models: Object.fromEntries(tests), comparisons, data, seeds };
}

/** @returns "models.distilled.test.accuracy.mean: 0.95 then, 0.94 now", one for each number */
function differences(then: unknown, now: unknown, at: string): readonly string[] {
  if (Object.is(then, now)) return [];
  const bothObjects = [then, now].every((value) => typeof value === "object" && value !== null);
  if (!bothObjects) return [`${at}: ${JSON.stringify(then)} then, ${JSON.stringify(now)} now`];
  const [a, b] = [then, now] as [Record<string, unknown>, Record<string, unknown>]; // just checked
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    differences(a[key], b[key], at === "" ? key : `${at}.${key}`),
  );
}

function environmentDifferences(then: Report, now: Report): readonly string[] {
  const names = {
    version: "Potstill's version",
    runtime: "the runtime",
    runtimeVersion: "the runtime's version",
    threads: "the number of threads",
    node: "Node's version",
    cpu: "the processor",
  } as const;
  const changed = Object.entries(names).flatMap(([key, name]) => {
    const [a, b] = [then, now].map(({ createdBy }) => createdBy[key as keyof typeof names]); // the table's own keys
    return a === b ? [] : [`${name} was ${a} and is ${b}`];
  });
  const [a, b] = [then, now].map(({ startHash }) => startHash?.slice(0, 12) ?? "none");
  return a === b ? changed : [...changed, `the model to start from was ${a} and is ${b}`];
}

function different(
  run: string,
  differing: readonly string[],
  reasons: readonly string[],
): RunError {
  const shown = differing.slice(0, 10);
  const more = differing.length - shown.length;
  return new RunError("reproduce/different", {
    where: run,
    rule: `the numbers must be those of the report, but ${differing.length} differ:\n${shown.join("\n")}${more > 0 ? `\nand ${more} more` : ""}`,
    fix:
      reasons.length === 0
        ? "Data, versions, threads and processor are the same; please report this"
        : `What is not as it was: ${reasons.join("; ")}`,
    details: { differing, reasons },
  });
}
