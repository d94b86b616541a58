/**
 * @file Where a self-check of the soft term looks: samples without soft labels, or without a label
 * that the loss needs, weigh nothing in it, and a batch of such samples has no gradient.
 */

import type { Tensor } from "../../engine/tensor/index.ts";
import { assembleSlabs, type Feed, type Slabs } from "../../engine/train/index.ts";
import { softSampleWeightsInput } from "../objective.ts";
import { checkFailure } from "./check.ts";

/** @param weights of samples in the soft term */
export function isWeighed({ data }: Tensor): boolean {
  return data.some((weight: number | bigint) => Number(weight) !== 0);
}

/** A step with such a sample, and its inputs. */
export interface WeighedStep {
  /** from 0 */
  readonly at: number;
  readonly slabs: Slabs;
}

/**
 * @param from first step to look at
 * @returns the first step, within an epoch, with a sample that the soft term weighs
 * @throws RunError "check/J4" if there is none
 */
export async function firstWeighedStep(feed: Feed, from: number): Promise<WeighedStep> {
  for (let at = from; at < from + feed.stepsPerEpoch; at++) {
    const slabs = await assembleSlabs(feed, at, 1);
    if (isWeighed(slabs[softSampleWeightsInput]!)) return { at, slabs }; // softObjective's feed has it
  }
  throw checkFailure("J4", {
    rule: "the soft term must weigh a sample: one with soft labels, and with a label where the loss needs it",
    got: "none in an epoch",
    fix: "Label the training samples with the teacher, keep some labels, or take the loss softTargets",
  });
}
