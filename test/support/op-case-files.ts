/**
 * @file Finds the `*.cases.ts` beside the operators, so that a new operator's cases are run without
 * being listed.
 */

import { readdirSync } from "node:fs";
import type { OpCases } from "./op-cases.ts";

const folder = new URL("../../src/engine/ops/", import.meta.url);

/** @returns all operators' cases, sorted by file name */
export async function loadOpCases(): Promise<readonly OpCases[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".cases.ts"));
  const modules = await Promise.all(
    files.sort().map((file) => import(new URL(file, folder).href) as Promise<{ cases: OpCases }>), // every *.cases.ts exports it
  );
  return modules.map(({ cases }) => cases);
}
