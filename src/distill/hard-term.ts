/** @file The hard-label term of an objective, and the labels and weights that are fed to it. */

import { type Batch, type Dataset, type Mixer, makeMixer, UNLABELLED } from "../data/index.ts";
import { input, type Value } from "../graph/index.ts";
import { hardLabelLoss } from "../losses/index.ts";
import { add } from "../ops/index.ts";
import { type FeedPart, type ObjectiveTerm, type Views, viewOfEpoch } from "../train/index.ts";

const partnerLabelsInput = "partnerLabels";
const partnerWeightsInput = "partnerSampleWeights";

/**
 * With MixUp: λ times the term of the samples' labels, plus 1 − λ times that of their partners'.
 */
export function hardTerm(
  batchSize: number,
  labelSmoothing: number,
  isMixed: boolean,
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
  const own = (logits: Value): Value =>
    hardLabelLoss(logits, labels, { sampleWeights, labelSmoothing });
  const perStep = [labels, sampleWeights, weight];
  if (!isMixed) {
    const term = (z: Value): ObjectiveTerm => ({ name: "hard", loss: own(z), weight });
    return { labels, sampleWeights, perStep, term };
  }
  const partners = input(partnerLabelsInput, "int32", [batchSize]);
  const partnerWeights = input(partnerWeightsInput, "float32", [batchSize]);
  const others = (logits: Value): Value =>
    hardLabelLoss(logits, partners, { sampleWeights: partnerWeights, labelSmoothing });
  return {
    labels,
    sampleWeights,
    perStep: [...perStep, partners, partnerWeights],
    term: (z: Value) => ({ name: "hard", loss: add(own(z), others(z)), weight }),
  };
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
