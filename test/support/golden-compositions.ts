/** @file The compositions' golden files: what scripts/golden/compositions.py computed. */

import { readFileSync } from "node:fs";
import { type Shape, type Tensor, tensor } from "../../src/engine/tensor/index.ts";

export interface GoldenTensor {
  readonly dtype: "float32" | "bool";
  readonly shape: Shape;
  readonly data: readonly number[];
}

export interface GoldenComposition {
  readonly name: string;
  /** as the composition takes them */
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, GoldenTensor>>;
  readonly value: GoldenTensor;
  readonly cotangent: GoldenTensor;
  /** of Σ value · cotangent, for each float input */
  readonly gradients: Readonly<Record<string, GoldenTensor>>;
}

/** @param file without ".json" */
export function goldenCompositions(file: string): readonly GoldenComposition[] {
  const url = new URL(`../golden/compositions/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: GoldenComposition[] }; // written by the script
  return cases;
}

export function tensorOf({ dtype, shape, data }: GoldenTensor): Tensor {
  return dtype === "bool"
    ? tensor("bool", shape, Uint8Array.from(data))
    : tensor("float32", shape, Float32Array.from(data));
}
