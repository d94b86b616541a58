/** @file Calibration: does a model that says 80 % hit in 80 % of the cases? */

import { assertInRange } from "../../errors/index.ts";
import { logSoftmaxRow } from "./log-softmax.ts";
import { predictions } from "./predictions.ts";
import { assertScoredSamples } from "./scored-samples.ts";

/** The samples whose confidence is in (low, high]. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** mean probability of the named class, 0 … 1; null for an empty bin */
  readonly confidence: number | null;
  /** share of correct ones, 0 … 1; null for an empty bin */
  readonly accuracy: number | null;
}

export interface Calibration {
  /** Expected calibration error, 0 … 1. */
  readonly error: number;
  readonly bins: readonly ReliabilityBin[];
}

/**
 * Expected calibration error over equal-width bins of the named class's probability,
 * softmax(logits) at T = 1:
 *
 *   ECE = Σ_b (n_b / n) · |accuracy_b − confidence_b|
 *
 * @param logits float32 [samples, classes]; @param labels int32 [samples]
 * @param binCount bins of (i/binCount, (i+1)/binCount]; default 15, the customary number
 * @throws as {@link assertScoredSamples}; ConfigError "config/range"
 * @see Guo, Pleiss, Sun, Weinberger (2017), On Calibration of Modern Neural Networks, eq. 3,
 * arXiv:1706.04599
 */
export function calibration(logits: Float32Array, labels: Int32Array, binCount = 15): Calibration {
  const classes = assertScoredSamples("calibration", logits, labels);
  assertInRange("calibration", { binCount }, { from: 1, isInteger: true });
  const named = predictions(logits, classes);
  const counts = new Float64Array(binCount);
  const hits = new Float64Array(binCount);
  const confidences = new Float64Array(binCount);
  const row = new Float64Array(classes);
  for (let sample = 0; sample < labels.length; sample++) {
    const confidence = Math.exp(logSoftmaxRow(logits, sample, classes, 1, row)[named[sample]!]!);
    const bin = Math.min(binCount - 1, Math.max(0, Math.ceil(confidence * binCount) - 1));
    counts[bin]! += 1;
    confidences[bin]! += confidence;
    if (named[sample] === labels[sample]) hits[bin]! += 1;
  }
  return fromTotals(labels.length, counts, confidences, hits);
}

/**
 * Joins the bins of several runs (seeds) over the same samples, each run weighing its samples
 * alike.
 */
export function pooledCalibration(runs: readonly Calibration[]): Calibration {
  const total = (bin: number, part: (b: ReliabilityBin) => number): number =>
    runs.reduce((sum, run) => sum + part(run.bins[bin]!), 0);
  const bins = (runs[0]?.bins ?? []).map((_, bin) => bin);
  const counts = Float64Array.from(bins, (b) => total(b, ({ count }) => count));
  return fromTotals(
    counts.reduce((sum, count) => sum + count, 0),
    counts,
    Float64Array.from(bins, (b) => total(b, (bin) => bin.count * (bin.confidence ?? 0))),
    Float64Array.from(bins, (b) => total(b, (bin) => bin.count * (bin.accuracy ?? 0))),
  );
}

function fromTotals(
  samples: number,
  counts: Float64Array,
  confidences: Float64Array,
  hits: Float64Array,
): Calibration {
  let error = 0;
  const bins = Array.from(counts, (count, bin): ReliabilityBin => {
    error += Math.abs(hits[bin]! - confidences[bin]!) / samples;
    return {
      low: bin / counts.length,
      high: (bin + 1) / counts.length,
      count,
      confidence: count === 0 ? null : confidences[bin]! / count,
      accuracy: count === 0 ? null : hits[bin]! / count,
    };
  });
  return { error, bins };
}
