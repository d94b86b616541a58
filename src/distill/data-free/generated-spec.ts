/** @file What samples shall be made from a teacher alone, and which data they can stand for. */

import type { Dataset } from "../../data/index.ts";
import { assertInRange, assertKnown, assertOptions, ConfigError } from "../../errors/index.ts";
import { showShape } from "../../tensor/index.ts";

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
   * deviation of a Gaussian that smooths images, in pixels: impressions are found among smooth
   * images. Default 0: not smoothed
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
  /** β, which multiply the concentrations, in turn; default [1, 0.1] as in the paper */
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
  /** samples that are made together, and that an interruption may cost; default 100 */
  readonly batchSize?: number;
}

export type GeneratedSpec = ImpressionsSpec | NoiseSpec;

/** What made samples are like: a data set will do, and no sample of it is read. */
export type SampleLike = Pick<
  Dataset,
  "dtype" | "shape" | "preprocessing" | "classNames" | "text" | "frames"
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

export type SettledSpec =
  | Required<ImpressionsSpec>
  | (Required<NoiseSpec> & { readonly batchSize: number });

/**
 * @throws ConfigError "config/unknown-name", "config/range"; "config/missing" for float32 without a
 *   range; "config/conflict" for token ids, and for smoothed samples that are no images
 */
export function assertGeneratedSpec(spec: GeneratedSpec, like: SampleLike): void {
  const where = "generated samples";
  assertKnown(where, "kind", spec.kind, generatedKinds);
  assertOptions(where, spec, spec.kind === "noise" ? noiseNames : impressionNames);
  const { samples, seed = 0, distribution = "uniform", blur = 0 } = spec;
  assertInRange(where, { samples }, { from: 1, isInteger: true });
  assertInRange(where, { seed }, { from: 0, isInteger: true });
  assertKnown(where, "distribution", distribution, ["uniform", "normal"]);
  assertInRange(where, { blur }, { from: 0 });
  assertLike(like, spec);
  if (spec.kind === "noise") return;
  const { scales = [1], temperature = 1, steps = 1, learningRate = 1, batchSize = 1 } = spec;
  if (scales.length === 0) throw noScale();
  for (const scale of scales) assertInRange(where, { scale }, { above: 0 });
  assertInRange(where, { temperature, learningRate }, { above: 0 });
  assertInRange(where, { statisticsWeight: spec.statisticsWeight ?? 1 }, { from: 0 });
  assertInRange(where, { steps, batchSize }, { from: 1, isInteger: true });
}

function noScale(): ConfigError {
  return new ConfigError("config/range", {
    where: "generated samples",
    rule: "scales must be one or more",
    got: "none",
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
  const [low, high] = range;
  assertInRange(
    where,
    { "the range's start": low },
    dtype === "uint8" ? { from: 0, isInteger: true } : {},
  );
  const limits = dtype === "uint8" ? { to: 255, isInteger: true } : {};
  assertInRange(where, { "the range's end": high }, { above: low, ...limits });
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
