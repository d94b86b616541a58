/** @file The folder of a sweep: what was asked, so that it can be gone on with, and the results. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Store } from "../../../data/index.ts";
import { DataError } from "../../../errors/index.ts";

/** sweep.json: what was asked for. Results are made from it and nothing else. */
export interface SweepRequest {
  readonly format: "potstill-sweep-1";
  /** the recipe file's text and name */
  readonly recipeText: string;
  readonly recipeFile: string;
  /** "T=1,2,4" */
  readonly axes: readonly string[];
  readonly seeds: readonly number[] | null;
  readonly scratch: boolean;
  readonly halving: boolean;
  readonly test: boolean;
  readonly commandLine: string;
  /** where the command was given: relative paths start there */
  readonly folder: string;
}

const requestSchema: z.ZodType<SweepRequest> = z.strictObject({
  format: z.literal("potstill-sweep-1"),
  recipeText: z.string(),
  recipeFile: z.string(),
  axes: z.array(z.string()),
  seeds: z.array(z.int()).nullable(),
  scratch: z.boolean(),
  halving: z.boolean(),
  test: z.boolean(),
  commandLine: z.string(),
  folder: z.string(),
});

export const requestName = "sweep.json";
export const reportName = "sweep-report.json";

export async function writeRequest(store: Store, request: SweepRequest): Promise<void> {
  const text = `${JSON.stringify(request, null, 1)}\n`;
  await store.write(requestName, new TextEncoder().encode(text));
}

/** @throws DataError "run/not-a-run" if the folder holds no sweep */
export async function readRequest(store: Store): Promise<SweepRequest> {
  const bytes = await store.read(requestName);
  try {
    return requestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw notASweep(store.location, cause);
  }
}

/** @throws DataError "run/not-a-run", before anything is made there */
export function assertSweepFolder(path: string): void {
  if (!existsSync(join(path, requestName))) throw notASweep(path);
}

function notASweep(where: string, cause?: unknown): DataError {
  return new DataError("run/not-a-run", {
    where,
    rule: `the folder of a sweep holds ${requestName}`,
    got: existsSync(where) ? "another folder" : "no such folder",
    fix: "Give the folder of a sweep, for example runs/digits-quick-sweep-1",
    cause,
  });
}
