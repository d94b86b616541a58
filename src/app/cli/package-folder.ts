/** @file Opens a finished soft-label package for reading; nothing is made or written there. */

import { stat } from "node:fs/promises";
import { type Dataset, openSoftLabels, recombine, type SoftLabels } from "../../data/index.ts";
import { readingStore } from "../../data/sources/index-node.ts";
import { packageWeights } from "../../distill/index.ts";
import { DataError } from "../../errors/index.ts";
import type { SoftLabelsTeacherRecipe } from "../spec/index.ts";

/**
 * A recipe's package, combined as the recipe says.
 *
 * @param validation what weights are chosen on, if they are to be
 * @throws as recombine and packageWeights
 */
export function combinedPackage(
  softLabels: SoftLabels,
  { combine, weights }: Omit<SoftLabelsTeacherRecipe, "softLabels">,
  validation: Dataset,
): SoftLabels {
  if (combine === undefined && weights === undefined) return softLabels;
  const isOne = softLabels.manifest.members.length === 1; // which recombine refuses
  const chosen =
    weights === "validation" && !isOne
      ? packageWeights(softLabels, validation, combine).weights
      : weights;
  const given = Array.isArray(chosen) ? { weights: chosen } : {};
  return recombine(softLabels, { ...(combine && { combine }), ...given });
}

/** @throws DataError "file/missing" if there is no such folder; otherwise as openSoftLabels */
export async function openPackageFolder(path: string): Promise<SoftLabels> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || !info.isDirectory())
    throw new DataError("file/missing", {
      where: path,
      rule: "a soft-label package is a folder",
      got: info === undefined ? "no such folder" : "a file",
      fix: "Make one with: potstill label RECIPE.yaml --out FOLDER",
    });
  return openSoftLabels(readingStore(path));
}
