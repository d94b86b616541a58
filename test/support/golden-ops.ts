/** @file The operators' golden files: what scripts/golden/ops.py computed with other software. */

import { readFileSync } from "node:fs";
import type { Shape, Tensor } from "../../src/engine/tensor/index.ts";
import { type ReferenceTensor, referenceTensor } from "../reference/evaluate.ts";

/** JSON has no infinities and no NaN: these are strings. */
export type JsonNumber = number | "Infinity" | "-Infinity" | "NaN";

export interface JsonTensor {
  readonly shape: Shape;
  readonly data: readonly JsonNumber[];
}

export interface GoldenSample {
  readonly name: string;
  readonly inputs: readonly JsonTensor[];
  readonly output: JsonTensor;
  /** one per input, null for inputs without gradient */
  readonly gradients: readonly (JsonTensor | null)[];
}

interface GoldenFile {
  readonly samples: readonly GoldenSample[];
}

/** @throws Error if the file or the sample is missing */
export function readGolden(op: string, name: string): GoldenSample {
  const url = new URL(`../golden/ops/${op}.json`, import.meta.url);
  const file = JSON.parse(readFileSync(url, "utf8")) as GoldenFile; // written by scripts/golden/ops.py
  const sample = file.samples.find((candidate) => candidate.name === name);
  if (sample === undefined)
    throw new Error(`test/golden/ops/${op}.json has no sample "${name}": run npm run golden`);
  return sample;
}

export function decodeTensor({ shape, data }: JsonTensor): ReferenceTensor {
  return { shape, data: Float64Array.from(data, Number) };
}

export function encodeTensor(tensor: Tensor): JsonTensor {
  const { shape, data } = referenceTensor(tensor);
  const encode = (element: number): JsonNumber =>
    Number.isFinite(element) ? element : (String(element) as JsonNumber); // the three strings of the type
  return { shape, data: Array.from(data, encode) };
}
