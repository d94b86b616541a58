/** @file What samples shall be made from a teacher alone, and which data they can stand for. */

import type { Dataset } from "../../data/index.ts";
import { elementCount, showShape } from "../../engine/tensor/index.ts";
import { assertInRange, assertKnown, assertOptions, ConfigError } from "../../errors/index.ts";

export const generatedKinds = ["impressions", "noise"] as const;

/** Noise: what impressions start from, and what is plainly asked about beside them. */
interface NoiseOptions {
  /** how many */
  readonly samples: number;
  /** default 0 */
  readonly seed?: number;
  /**
   * least and largest stored value; default 0 … 255 for uint8, needed for float32. Nothing else is
   * known of data that are not there
   */
  readonly range?: readonly [number, number];
  /**
   * "uniform" (default) over the range, or "normal" around its middle with a quarter of it as
   * deviation, cut at its ends
   */
  readonly distribution?: "uniform" | "normal";
  /**
   * deviation of a Gaussian that smooths images, in pixels, 0.01 at least: impressions are found
   * among smooth images. Default 0: not smoothed
   */
  readonly blur?: number;
}

export interface NoiseSpec extends NoiseOptions {
  readonly kind: "noise";
}

/**
 * Data impressions: samples to which the teacher gives drawn soft targets.
 *
 * @see Nayak et al. (2019), Zero-Shot Knowledge Distillation in Deep Networks, arXiv:1905.08114
 */
export interface ImpressionsSpec extends NoiseOptions {
  readonly kind: "impressions";
  /** β, 1e-6 … 1e6, which multiply the concentrations, in turn; default [1, 0.1] as in the paper */
  readonly scales?: readonly number[];
  /**
   * τ of the teacher's softened answer; default 1. The paper takes 20, but samples that stay in a
   * range are not answered so strongly
   */
  readonly temperature?: number;
  /** of gradient descent, for each sample; default 50 */
  readonly steps?: number;
  /** of Adam, as a share of the range; default 0.2 */
  readonly learningRate?: number;
  /**
   * of the divergence between a batch's statistics and those that the teacher's batch
   * normalisation has kept, beside that of its answers; default 10. Means nothing without such
   * layers
   */
  readonly statisticsWeight?: number;
  /**
   * most samples that are made together, and that an interruption may cost; default 100. Fewer
   * where fewer are asked for, or else not every network of an ensemble would make a batch
   */
  readonly batchSize?: number;
}

export type GeneratedSpec = ImpressionsSpec | NoiseSpec;

/** What made samples are like: a data set will do, and no sample of it is read. */
export type SampleLike = Pick<
  Dataset,
  "dtype" | "shape" | "preprocessing" | "classNames" | "text" | "frames" | "teacherInputs"
>;

const noiseNames = {
  kind: true,
  samples: true,
  seed: true,
  range: true,
  distribution: true,
  blur: true,
} as const;
const impressionNames = {
  ...noiseNames,
  scales: true,
  temperature: true,
  steps: true,
  learningRate: true,
  statisticsWeight: true,
  batchSize: true,
} as const;

/** @returns the options with what is left out filled in. @throws as assertGeneratedSpec */
export function settledSpec(spec: GeneratedSpec, like: SampleLike): SettledSpec {
  assertGeneratedSpec(spec, like);
  const { samples, seed = 0, range = [0, 255], distribution = "uniform", blur = 0 } = spec;
  const noise = { samples, seed, range, distribution, blur };
  if (spec.kind === "noise") return { kind: "noise", ...noise, batchSize: 100 };
  const { scales = [1, 0.1], temperature = 1, steps = 50, learningRate = 0.2 } = spec;
  const { statisticsWeight = 10, batchSize = 100 } = spec;
  return {
    ...{ kind: "impressions", ...noise, batchSize },
    ...{ scales, temperature, steps, learningRate, statisticsWeight },
  };
}

/**
 * @param networks that make the samples together; 0 for noise
 * @returns the same with batches of which each network makes one at least, and none more than asked
 * @throws ConfigError "config/range" for fewer samples than networks
 */
export function sharedSpec<S extends SettledSpec>(spec: S, networks: number): S {
  const { samples, batchSize } = spec;
  if (samples < networks)
    throw new ConfigError("config/range", {
      where: "generated samples",
      rule: `each of the teacher's ${networks} networks makes a part of the samples`,
      got: `samples: ${samples}`,
      fix: "Ask for more samples, or give one of the networks as the teacher",
    });
  return { ...spec, batchSize: Math.min(batchSize, Math.floor(samples / Math.max(1, networks))) };
}

export type SettledSpec =
  | Required<ImpressionsSpec>
  | (Required<NoiseSpec> & { readonly batchSize: number });

/**
 * @throws ConfigError "config/type", "config/unknown-name", "config/range"; "config/missing" for
 *   float32 without a range; "config/conflict" for token ids, for smoothed samples that are no
 *   images, and for data with teacher inputs
 */
export function assertGeneratedSpec(spec: GeneratedSpec, like: SampleLike): void {
  const where = "generated samples";
  assertGiven(spec);
  assertKnown(where, "kind", spec.kind, generatedKinds);
  assertOptions(where, spec, spec.kind === "noise" ? noiseNames : impressionNames);
  const { samples, seed = 0, distribution = "uniform", blur = 0 } = spec;
  const most = mostSamples(like);
  assertInRange(where, { samples }, { from: 1, to: most, isInteger: true });
  assertInRange(where, { seed }, { from: 0, isInteger: true });
  assertKnown(where, "distribution", distribution, ["uniform", "normal"]);
  assertInRange(where, { blur }, { from: blur === 0 ? 0 : leastBlur });
  assertUnpaired(like);
  assertLike(like, spec);
  if (spec.kind === "noise") return;
  const { scales = [1], temperature = 1, steps = 1, learningRate = 1, batchSize = 1 } = spec;
  if (!Array.isArray(scales) || scales.length === 0) throw noScale(scales);
  for (const scale of scales) assertInRange(where, { scale }, scaleRange);
  assertInRange(where, { temperature, learningRate }, { above: 0 });
  assertInRange(where, { statisticsWeight: spec.statisticsWeight ?? 1 }, { from: 0 });
  assertInRange(where, { steps, batchSize }, { from: 1, isInteger: true });
  const together = Math.floor(mostInCall / elementCount(like.shape));
  if (Math.min(batchSize, samples) > together)
    assertInRange(where, { batchSize }, { from: 1, to: together, isInteger: true });
}

/** A narrower Gaussian has no neighbours, nor in the end a width. */
const leastBlur = 0.01;
/** With smaller ones logarithms of targets leave float32. */
const scaleRange = { from: 1e-6, to: 1e6 };
/** float32 values of a batch: 2 GiB, more than which a runtime does not take */
const mostInCall = 2 ** 29;

/** All samples together are in memory: 4 GiB of them at most. */
function mostSamples({ dtype, shape }: SampleLike): number {
  const bytes = elementCount(shape) * (dtype === "uint8" ? 1 : 4);
  return Math.min(10_000_000, Math.floor(2 ** 32 / bytes));
}

/** @throws ConfigError "config/type" for callers without types */
function assertGiven(spec: unknown): void {
  if (typeof spec === "object" && spec !== null) return;
  throw new ConfigError("config/type", {
    where: "generated samples",
    rule: "it must be said what samples are to be made",
    got: String(spec),
    fix: "Write for example { kind: impressions, samples: 4000 }",
  });
}

function noScale(got: unknown): ConfigError {
  return new ConfigError("config/range", {
    where: "generated samples",
    rule: "scales must be one or more",
    got: Array.isArray(got) ? "none" : String(got),
    fix: "Write for example scales: [1, 0.1]",
  });
}

function assertLike({ dtype, shape, text }: SampleLike, { range, blur = 0 }: GeneratedSpec): void {
  const where = "generated samples";
  if (dtype === "int32" || text !== undefined) throw tokenIds();
  if (blur > 0 && shape.length !== 3)
    throw new ConfigError("config/conflict", {
      where,
      rule: "only images can be smoothed: [channels, height, width]",
      got: `samples of shape ${showShape(shape)}`,
      fix: "Leave blur out",
    });
  if (range === undefined) {
    if (dtype === "uint8") return;
    throw new ConfigError("config/missing", {
      where,
      rule: "of float32 data the range must be given: nothing else says what values they have",
      got: "no range",
      fix: "Write for example range: [-2, 2], for standardised features",
    });
  }
  if (!Array.isArray(range) || range.length !== 2)
    throw new ConfigError("config/type", {
      where,
      rule: "range must be two numbers, the least and the largest stored value",
      got: Array.isArray(range) ? `${range.length} values` : String(range),
      fix: "Write for example range: [0, 255]",
    });
  const [low, high] = range;
  assertInRange(
    where,
    { "the range's start": low },
    dtype === "uint8" ? { from: 0, isInteger: true } : {},
  );
  const limits = dtype === "uint8" ? { to: 255, isInteger: true } : {};
  assertInRange(where, { "the range's end": high }, { above: low, ...limits });
}

/** @throws ConfigError "config/conflict" for data whose teacher sees other inputs */
export function assertUnpaired({ teacherInputs }: Pick<SampleLike, "teacherInputs">): void {
  if (teacherInputs === undefined) return;
  throw new ConfigError("config/conflict", {
    where: "transfer.generated",
    rule: "generated samples are what the teacher sees, and what the students see",
    got: "teacherInputs, which the teacher sees in place of the students' samples",
    fix: "Leave teacherInputs or transfer.generated out",
  });
}

/** Between two ids there is none, and neighbours mean nothing. */
export function tokenIds(): ConfigError {
  return new ConfigError("config/conflict", {
    where: "generated samples",
    rule: "samples that are token ids cannot be made by gradients, nor is noise of them like text",
    got: "token ids",
    fix: "Give texts that nobody has labelled: data.transfer",
  });
}
