/** @file The work of potstill sweep: a new sweep, or the rest of one. */

import { existsSync, realpathSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import type { Store } from "../../../data/index.ts";
import { folderStore } from "../../../data/sources/index-node.ts";
import type { Runtime } from "../../../engine/runtime/index.ts";
import { ConfigError } from "../../../errors/index.ts";
import { renderSweepTable, type SweepReport } from "../../report/index.ts";
import { mayEndWell, StartedFailure } from "../failure.ts";
import { lockFolder } from "../folder-lock.ts";
import { listenForInterruption } from "../interruption.ts";
import { recipeText } from "../recipe-file.ts";
import { createRunFolder } from "../run-folder.ts";
import { withRuntime } from "../start-run.ts";
import type { Terminal } from "../terminal.ts";
import { conductSweep, type PreparedSweep, prepareSweep } from "./conduct-sweep.ts";
import { localExecutor } from "./local-executor.ts";
import { providerOf, requestedPoints } from "./requested-points.ts";
import { sweepWatcher } from "./sweep-display.ts";
import { assertSweepFolder, readRequest, type SweepRequest, writeRequest } from "./sweep-folder.ts";

export interface SweepWords {
  readonly terminal: Terminal;
  readonly json: boolean;
  /** processes at once; undefined: as many as there are cores for */
  readonly jobs: number | undefined;
}

/** What a new sweep is asked. */
export interface NewSweep
  extends Pick<SweepRequest, "axes" | "seeds" | "scratch" | "halving" | "test" | "commandLine"> {
  readonly recipe: string;
  /** where run folders are made */
  readonly runs: string;
}

/**
 * @throws StartedFailure once it has begun; before that the error itself, and nothing is written
 */
export async function startSweep(
  { recipe, runs, ...asked }: NewSweep,
  words: SweepWords,
): Promise<void> {
  const request: SweepRequest = {
    format: "potstill-sweep-1",
    recipeText: await recipeText(recipe),
    recipeFile: basename(recipe),
    ...asked,
    folder: process.cwd(),
  };
  await withSweep(request, async (sweep, runtime) => {
    const { name } = sweep.plans[0]!.point.recipe; // a point at least
    const { path, store, release } = await createRunFolder(runs, `${name}-sweep`);
    try {
      await writeRequest(store, request);
      await run(sweep, { runtime, path, store }, words);
    } finally {
      await release();
    }
  });
}

/** @throws DataError "run/not-a-run"; ConfigError "run/in-use", "run/changed"; as startSweep */
export async function resumeSweep(path: string, words: SweepWords): Promise<void> {
  assertSweepFolder(path);
  const lock = await lockFolder(path);
  try {
    const store = await folderStore(path);
    const request = await readRequest(store);
    assertSameFolder(path, request);
    await withSweep(request, (sweep, runtime) => run(sweep, { runtime, path, store }, words));
  } finally {
    await lock.release();
  }
}

/**
 * Relative names in the recipe would be other files here. Where the folder of then is gone, the
 * sweep was moved: then they are looked for here.
 *
 * @throws ConfigError "run/changed"
 */
function assertSameFolder(path: string, { folder }: SweepRequest): void {
  if (!existsSync(folder) || realpathSync(folder) === realpathSync(".")) return;
  throw new ConfigError("run/changed", {
    where: path,
    rule: `a sweep goes on in the folder in which it began, ${folder}: its recipe's names start there`,
    got: process.cwd(),
    fix: "Go there, and give the same command",
  });
}

/** The runtime starts before data are read: a provider that is not there is told at once. */
function withSweep(
  request: SweepRequest,
  work: (sweep: PreparedSweep, runtime: Runtime) => Promise<void>,
): Promise<void> {
  const points = requestedPoints(request);
  return withRuntime(
    async (runtime) => work(await prepareSweep(request, points), runtime),
    providerOf(points[0]!.recipe), // a point at least, and all have the same
  );
}

async function run(
  sweep: PreparedSweep,
  {
    runtime,
    path,
    store,
  }: { readonly runtime: Runtime; readonly path: string; readonly store: Store },
  { terminal, json, jobs }: SweepWords,
): Promise<void> {
  const { recipe } = sweep.plans[0]!.point;
  const threads = recipe.training.threads ?? recipe.threads ?? 1;
  const slots = jobs ?? Math.max(1, Math.floor(availableParallelism() / threads));
  const { plans, seeds } = sweep;
  terminal.say(
    `${terminal.bold(path)}  ${plans.length} points, ${seeds.length} seeds, ${slots} at once`,
  );
  const interruption = listenForInterruption(terminal, () => undefined);
  const executor = localExecutor(path, slots);
  try {
    const report = await conductSweep(sweep, {
      runtime,
      path,
      store,
      executor,
      signal: interruption.signal,
      ...sweepWatcher(sweep, terminal, json),
    });
    present(path, report, terminal, json);
  } catch (error) {
    if (mayEndWell(error)) terminal.say(`To go on: potstill sweep --resume ${path}`);
    throw new StartedFailure(error);
  } finally {
    await executor.close();
    interruption.release();
  }
}

function present(path: string, report: SweepReport, terminal: Terminal, json: boolean): void {
  const file = join(path, "sweep-report.json");
  if (json) {
    const best = report.points[report.best]!.name;
    terminal.print(JSON.stringify({ type: "done", sweep: path, report: file, best }));
    return;
  }
  terminal.print(renderSweepTable(report).trimEnd());
  terminal.say(`Report: ${join(path, "report.html")}`);
}
