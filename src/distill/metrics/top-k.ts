/** @file Top-k accuracy: the share of samples whose label is among the k largest scores. */

import { ConfigError } from "../../errors/index.ts";
import { assertScoredSamples } from "./scored-samples.ts";

/**
 * Share of samples with fewer than k classes ranked before the label's. Of equal scores the earlier
 * class ranks first, so k = 1 is exactly {@link accuracy}.
 *
 * @param logits float32 [samples, classes]; @param labels int32 [samples]
 * @param k whole number from 1 to the number of classes
 * @returns 0 … 1
 * @throws ConfigError "config/range" for another k; else as {@link assertScoredSamples}
 */
export function topKAccuracy(logits: Float32Array, labels: Int32Array, k: number): number {
  const classes = assertScoredSamples("topKAccuracy", logits, labels);
  if (!Number.isInteger(k) || k < 1 || k > classes)
    throw new ConfigError("config/range", {
      where: "topKAccuracy",
      rule: `k must be a whole number from 1 to the number of classes, ${classes}`,
      got: String(k),
      fix: `Use k = ${Math.min(5, classes)}`,
      details: { k, classes },
    });
  let hits = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    const start = sample * classes;
    const label = labels[sample]!;
    const score = logits[start + label]!;
    let before = 0;
    for (let c = 0; c < classes; c++) {
      const other = logits[start + c]!;
      if (other > score || (other === score && c < label)) before++;
    }
    if (before < k) hits++;
  }
  return hits / labels.length;
}
