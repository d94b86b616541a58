/** @file Opens a finished soft-label package for reading; nothing is made or written there. */

import { stat } from "node:fs/promises";
import type { SoftLabelsTeacherRecipe } from "../config/index.ts";
import { openSoftLabels, recombine, type SoftLabels } from "../data/index.ts";
import { readingStore } from "../data/sources/index-node.ts";
import { DataError } from "../errors/index.ts";

/** The recipe's package, combined as the recipe says. @throws as openPackageFolder and recombine */
export async function openRecipePackage({
  softLabels: path,
  combine,
  weights,
}: SoftLabelsTeacherRecipe): Promise<SoftLabels> {
  const softLabels = await openPackageFolder(path);
  if (combine === undefined && weights === undefined) return softLabels;
  return recombine(softLabels, { ...(combine && { combine }), ...(weights && { weights }) });
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
