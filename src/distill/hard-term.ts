/** @file The hard-label term of an objective, and the labels and weights that are fed to it. */

import { type Batch, type Dataset, type Mixer, makeMixer, UNLABELLED } from "../data/index.ts";
import { input, type Value } from "../engine/graph/index.ts";
import { add } from "../engine/ops/index.ts";
import type { ObjectiveTerm } from "../engine/train/index.ts";
import { ConfigError } from "../errors/index.ts";
import { columnsOf, indexIn } from "./class-columns.ts";
import { hardLabelLoss } from "./losses/index.ts";
import { type FeedPart, type Views, viewOfEpoch } from "./training/dataset-feed.ts";

const partnerLabelsInput = "partnerLabels";
const partnerWeightsInput = "partnerSampleWeights";

export interface HardTermOptions {
  /** ε; default 0 */
  readonly labelSmoothing?: number | undefined;
  /** "seen": the softmax runs over the classes of which there are labels alone; default "all" */
  readonly hardClasses?: "all" | "seen" | undefined;
}

/**
 * With MixUp: λ times the term of the samples' labels, plus 1 − λ times that of their partners'.
 */
export function hardTerm(
  batchSize: number,
  {
    labelSmoothing = 0,
    isMixed,
    seen,
  }: {
    readonly labelSmoothing?: number | undefined;
    readonly isMixed: boolean;
    /** the classes that it runs over; null: all */
    readonly seen: Int32Array | null;
  },
): {
  readonly labels: Value;
  /** of the labels: 0 of samples without one */
  readonly sampleWeights: Value;
  readonly perStep: readonly Value[];
  readonly term: (logits: Value) => ObjectiveTerm;
} {
  const labels = input("labels", "int32", [batchSize]);
  const sampleWeights = input("hardSampleWeights", "float32", [batchSize]);
  const weight = input("hardWeight", "float32", []);
  const over = (logits: Value, classes: Value, weights: Value): Value => {
    const options = { sampleWeights: weights, labelSmoothing };
    if (seen === null) return hardLabelLoss(logits, classes, options);
    const [own, index] = [columnsOf(logits, seen), indexIn(seen, classes, logits.shape[1]!)];
    return hardLabelLoss(own, index, options);
  };
  const own = (logits: Value): Value => over(logits, labels, sampleWeights);
  const perStep = [labels, sampleWeights, weight];
  if (!isMixed) {
    const term = (z: Value): ObjectiveTerm => ({ name: "hard", loss: own(z), weight });
    return { labels, sampleWeights, perStep, term };
  }
  const partners = input(partnerLabelsInput, "int32", [batchSize]);
  const partnerWeights = input(partnerWeightsInput, "float32", [batchSize]);
  const others = (logits: Value): Value => over(logits, partners, partnerWeights);
  return {
    labels,
    sampleWeights,
    perStep: [...perStep, partners, partnerWeights],
    term: (z: Value) => ({ name: "hard", loss: add(own(z), others(z)), weight }),
  };
}

/**
 * @returns int32: the classes of which a data set has labels, in order, for `hardClasses: "seen"`;
 *   null where these are all, or no sample has a label
 * @throws ConfigError "config/conflict" for one class alone, which there is nothing to tell from
 */
export function seenClasses(
  { name, labels, classNames }: Dataset,
  hardClasses: HardTermOptions["hardClasses"],
): Int32Array | null {
  if (hardClasses !== "seen") return null;
  const known = new Set(labels);
  const seen = [...classNames.keys()].filter((label) => known.has(label));
  if (seen.length === classNames.length || seen.length === 0) return null;
  if (seen.length > 1) return Int32Array.from(seen);
  throw new ConfigError("config/conflict", {
    where: "training.hardClasses",
    rule: "a softmax over the classes that have labels needs two of them",
    got: `${classNames[seen[0]!]} alone in ${name}`,
    fix: "Leave hardClasses out, or give labels of another class",
  });
}

/** 1 / (number of samples in the batch), padding left out. */
export function share({ weights }: Batch): number {
  return 1 / weights.reduce((sum, weight) => sum + weight, 0);
}

/** Labels and their weights; with MixUp those of the partners too. */
export function labelsPart(
  dataset: Dataset,
  batchSize: number,
  views: Views | undefined,
): { readonly part: FeedPart; readonly isMixed: boolean } {
  const mixOf = mixerOf(dataset, views);
  const pair = (labels: string, weights: string): FeedPart["inputs"] => [
    { name: labels, dtype: "int32", shape: [batchSize] },
    { name: weights, dtype: "float32", shape: [batchSize] },
  ];
  const own = pair("labels", "hardSampleWeights");
  const isMixed = mixOf !== null;
  const inputs = isMixed ? [...own, ...pair(partnerLabelsInput, partnerWeightsInput)] : own;
  const fill: FeedPart["fill"] = ({ batch, epoch }, rows) => {
    const each = share(batch);
    const put = (first: number, slot: number, label: number, weight: number): void => {
      rows[first]![slot] = Math.max(0, label); // an unlabelled sample weighs nothing, its class is never looked at
      rows[first + 1]![slot] = label === UNLABELLED ? 0 : weight;
    };
    for (const [slot, index] of batch.indices.entries()) {
      const weight = each * batch.weights[slot]!;
      const mix = mixOf?.(index, viewOfEpoch(views!, epoch)); // a mixer comes of views
      if (mix === undefined) put(0, slot, dataset.labels[index]!, weight);
      else {
        const isThere = mix.partner >= 0;
        const whole = isThere ? weight : 0; // without its partner the view is not what was labelled
        put(0, slot, dataset.labels[index]!, whole * mix.lambda);
        put(2, slot, isThere ? dataset.labels[mix.partner]! : 0, whole * (1 - mix.lambda));
      }
    }
  };
  return { part: { inputs, fill }, isMixed };
}

/** @returns whom samples are mixed with, or null without MixUp */
export function mixerOf(dataset: Dataset, views: Views | undefined): Mixer | null {
  const mixup = views?.augmentation.mixup;
  return mixup === undefined ? null : makeMixer(dataset, { ...views!, mixup }); // mixup comes of views
}
