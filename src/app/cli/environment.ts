/** @file What this machine and this installation are: part of every run folder and report. */

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Runtime } from "../../engine/runtime/index.ts";

/** This package's version. */
export function ownVersion(): string {
  const file = new URL("../../../package.json", import.meta.url); // the same from src/app/cli and dist/app/cli
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string }; // our own file
  return version;
}

export interface Environment {
  readonly version: string;
  readonly runtime: string;
  readonly runtimeVersion: string;
  readonly threads: number;
  readonly node: string;
  readonly cpu: string;
}

/** @param threads that the runtime uses in training */
export function environment(runtime: Runtime, threads: number): Environment {
  return {
    version: ownVersion(),
    runtime: runtime.name,
    runtimeVersion: runtime.version,
    threads,
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
  };
}
