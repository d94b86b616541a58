/**
 * @file Metrics that a step does not have itself: the distillation term without its T², comparable
 * over temperatures and in a schedule of T, and the weighted sum of the features' terms.
 */

import { schedule } from "../engine/optim/index.ts";
import type { StepsEvent, TrainEvent } from "../engine/train/index.ts";
import { featureTermName, featureWeight } from "./features/feature-terms.ts";
import type { Job } from "./job.ts";
import { namedLoss } from "./named-loss.ts";
import { defaults } from "./training-spec.ts";

/**
 * @param course of a job's training
 * @returns the same, whose steps have the temperature among their metrics, float32 [steps] as the
 *   others, and `softUnscaled`, the term without T²; not where T² multiplies a part of the loss
 *   alone, and neither for a loss of the user's own; with features, `features`, the sum of their
 *   weighted terms
 */
export async function* withDerivedMetrics<T>(
  course: AsyncGenerator<TrainEvent, T>,
  job: Pick<Job, "soft" | "features">,
): AsyncGenerator<TrainEvent, T> {
  const shown = [unscaled(job), featureSum(job)];
  try {
    for (;;) {
      const next = await course.next();
      if (next.done) return next.value;
      const { value: event } = next;
      yield event.type === "steps" ? shown.reduce((steps, more) => more(steps), event) : event;
    }
  } finally {
    await course.return(undefined as T); // ends what whoever stopped has left open
  }
}

function unscaled({ soft }: Pick<Job, "soft">): (event: StepsEvent) => StepsEvent {
  if (soft === undefined || soft.loss !== undefined) return (event) => event;
  const { spec, softLabels } = soft;
  const { temperatureScale, scaled } = namedLoss(spec, softLabels.manifest);
  const scale = scaled ? temperatureScale : "none";
  const at = schedule(spec.temperature ?? defaults.temperature);
  return (event) => {
    const { from, totalSteps, metrics } = event;
    const temperature = metrics.soft!.map((_, step) => at(from + step, totalSteps)); // its steps have the term
    if (scale === "part") return { ...event, metrics: { ...metrics, temperature } };
    const isWhole = scale === "whole";
    const softUnscaled = metrics.soft!.map((x, i) => (isWhole ? x / temperature[i]! ** 2 : x));
    return { ...event, metrics: { ...metrics, temperature, softUnscaled } };
  };
}

function featureSum({
  features: source,
}: Pick<Job, "features">): (event: StepsEvent) => StepsEvent {
  const weights = (source?.specs ?? []).map(featureWeight);
  if (weights.length === 0) return (event) => event;
  return (event) => {
    const { from, totalSteps, metrics } = event;
    const features = metrics.loss!.map((_, step) =>
      weights.reduce(
        (sum, at, pair) =>
          sum + at(from + step, totalSteps) * metrics[featureTermName(pair)]![step]!,
        0,
      ),
    ); // its steps have the terms
    return { ...event, metrics: { ...metrics, features } };
  };
}
