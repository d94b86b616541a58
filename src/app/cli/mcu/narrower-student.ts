/** @file Narrower students of the same family, planned without training them. */

import type { Model } from "../../../distill/index.ts";
import { footprintOf, scaled } from "../../../distill/index.ts";
import type { NetworkSpec } from "../../../engine/nn/index.ts";

/** A student that was not trained: its sizes are known, its accuracy is not. */
export interface NarrowerStudent {
  readonly spec: NetworkSpec;
  /** as words of a command line: "student.width=0.18" */
  readonly overrides: readonly string[];
  readonly constantBytes: number;
  readonly arenaBytes: number;
  readonly macs: number;
}

const factors = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1];

/**
 * @param fits whether tables and arena of so many bytes go onto the board
 * @returns the widest that fits, or undefined if none does or the family has no width
 */
export function widestThatFits(
  model: Model,
  path: "portable" | "dsp",
  fits: (sizes: { readonly constantBytes: number; readonly arenaBytes: number }) => boolean,
): NarrowerStudent | undefined {
  for (const factor of factors) {
    const spec = scaled(model.spec, factor);
    if (spec === undefined) return undefined;
    const { constantBytes, arenaBytes, macs } = footprintOf({ ...model, spec });
    const sizes = { constantBytes, arenaBytes: arenaBytes[path], macs };
    if (fits(sizes)) return { spec, overrides: changes(model.spec, spec), ...sizes };
  }
  return undefined;
}

/** @returns what one spec has that the other has not, as words of a command line */
function changes(from: NetworkSpec, to: NetworkSpec): readonly string[] {
  const before = new Map(Object.entries(from).map(([key, value]) => [key, JSON.stringify(value)]));
  return Object.entries(to)
    .map(([key, value]) => [key, JSON.stringify(value)] as const)
    .filter(([key, value]) => before.get(key) !== value)
    .map(([key, value]) => `student.${key}=${value}`);
}
