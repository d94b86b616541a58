/**
 * @file What is said when training blows up: the step, the loss term and the samples of the batch.
 */

import { RunError } from "../../errors/index.ts";
import type { Feed } from "./feed.ts";
import type { NonFinite } from "./step-runner.ts";

const fix = "Lower the learning rate, clip the gradient norm, or look at the samples of this batch";

/** Sample numbers that the message itself shows; details have all. */
const shownSamples = 8;

/**
 * @returns RunError "run/non-finite" with details job, step, epoch, term, value, and indices and
 *   keys of the batch
 */
export function nonFiniteStep(found: {
  readonly job: string;
  readonly step: number;
  readonly epoch: number;
  readonly bad: NonFinite;
  readonly feed: Feed;
}): RunError {
  const { job, step, epoch, bad, feed } = found;
  const { indices, keys } = feed.samplesOf(step);
  const shown = indices.slice(0, shownSamples).join(", ");
  const more = indices.length > shownSamples ? ", …" : "";
  const batch = `batch of ${indices.length} samples: ${shown}${more}`;
  return new RunError("run/non-finite", {
    where: `${job}, step ${step} (epoch ${epoch}, ${batch})`,
    rule: "every loss term and weight must stay finite",
    got: `${bad.metric} = ${bad.value}`,
    fix,
    details: { job, step, epoch, term: bad.metric, value: String(bad.value), indices, keys },
  });
}

/** @param found.step the last step before validation */
export function nonFiniteValidation(found: {
  readonly job: string;
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
}): RunError {
  const { job, step, epoch, loss } = found;
  return new RunError("run/non-finite", {
    where: `${job}, validation after step ${step} (epoch ${epoch})`,
    rule: "the network's logits must stay finite",
    got: `validation loss = ${loss}`,
    fix,
    details: { job, step, epoch, term: "validationLoss", value: String(loss) },
  });
}
