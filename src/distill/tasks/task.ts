/**
 * @file A task: a piece of work as plain data. Its id is a hash of everything that its result
 * depends on, so that the same work is the same id wherever it is asked for.
 */

import type { Json } from "../../data/index.ts";
import { ConfigError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";

export interface Task {
  /** what sort of work it is: "teacher", "labels", "student" */
  readonly kind: string;
  /** of the kind's code: a higher one where the same spec gives other bytes than before */
  readonly version: number;
  /** all that the work is told, data by their content hashes; keys that are undefined are absent */
  readonly spec: Json;
  /** ids of the tasks whose results it reads, by the role that they play in it */
  readonly needs: Readonly<Record<string, readonly string[]>>;
}

/**
 * SHA-256, 64 hex digits, of the task as canonical JSON: the order in which somebody wrote an
 * object's keys changes nothing.
 *
 * @throws ConfigError "plan/not-json" for a spec that JSON cannot hold
 */
export function taskId({ kind, version, spec, needs }: Task): string {
  const text = canonicalJson({ kind, version, spec, needs }, `task ${kind}`);
  return sha256Hex(new TextEncoder().encode(text));
}

/**
 * JSON with sorted keys and without spaces.
 *
 * @throws ConfigError "plan/not-json" for NaN, infinities, functions and everything else that JSON
 *   would change in silence
 */
export function canonicalJson(value: unknown, where: string): string {
  if (Array.isArray(value))
    return `[${value.map((element, at) => canonicalJson(element, `${where}[${at}]`)).join()}]`;
  if (isPlainObject(value)) {
    const entries = Object.entries(value)
      .filter(([, own]) => own !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, own]) => `${JSON.stringify(key)}:${canonicalJson(own, `${where}.${key}`)}`);
    return `{${entries.join()}}`;
  }
  const isValue = value === null || ["boolean", "string"].includes(typeof value);
  if (!isValue && !(typeof value === "number" && Number.isFinite(value)))
    throw new ConfigError("plan/not-json", {
      where,
      rule: "a task holds null, booleans, finite numbers, texts, arrays and plain objects alone",
      got: typeof value === "object" ? value.constructor.name : String(value),
      fix: "Give data by their hash, and everything else as plain values",
    });
  return JSON.stringify(value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
