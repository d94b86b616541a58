/** @file How frames of recordings became samples. */

import type { FeatureStatistics } from "./feature-statistics.ts";

/** Frames of a sample beside the one that its label belongs to. */
export interface FrameContext {
  readonly before: number;
  readonly after: number;
}

/** What must be done to new frames before a network sees them. */
export interface FrameEncoding {
  readonly context: FrameContext;
  /** what each feature was brought to mean 0 and deviation 1 by; null: they are as they come */
  readonly standardization: FeatureStatistics | null;
}

/** @returns an encoding with its fields in one order, as files hold it */
export function orderedFrames({ context, standardization }: FrameEncoding): FrameEncoding {
  return {
    context: { before: context.before, after: context.after },
    standardization: standardization && {
      mean: standardization.mean,
      deviation: standardization.deviation,
    },
  };
}

/** Of a deviation. The same recordings give other last bits on another machine, not this much. */
const tolerance = 1e-4;

/** Are samples made alike? Where one side does not say how (undefined), they may be. */
export function sameFrames(a: FrameEncoding | undefined, b: FrameEncoding | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  return (
    a.context.before === b.context.before &&
    a.context.after === b.context.after &&
    sameStatistics(a.standardization, b.standardization)
  );
}

function sameStatistics(a: FeatureStatistics | null, b: FeatureStatistics | null): boolean {
  if (a === null || b === null) return a === b;
  const isNear = (x: number, y: number, feature: number): boolean =>
    Math.abs(x - y) <= tolerance * a.deviation[feature]!; // as many as means
  return (
    a.mean.length === b.mean.length &&
    a.mean.every((x, feature) => isNear(x, b.mean[feature]!, feature)) &&
    a.deviation.every((x, feature) => isNear(x, b.deviation[feature]!, feature))
  );
}
