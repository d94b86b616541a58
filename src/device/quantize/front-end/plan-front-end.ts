/** @file From a log-mel's options and an int8 input's scale to the integers of a front end. */

import { hertzFromMel, type LogMelOptions, melFromHertz } from "../../../engine/ops/index.ts";
import { ConfigError } from "../../../errors/index.ts";
import type { Quantization, SampleEncoding } from "../quantized-graph.ts";
import { type FrontEnd, factorBits, logBits, logIntervals, slopeBits } from "./front-end.ts";

export interface FrontEndOptions {
  /** the features that the network was trained on, of samples in −1 … 1 */
  readonly logMel: LogMelOptions;
  /** neighbours of a frame that the network sees with it; default none */
  readonly context?: { readonly before: number; readonly after: number };
  /** of each filter over the training data, where features were standardised */
  readonly statistics?: {
    readonly mean: ArrayLike<number>;
    readonly deviation: ArrayLike<number>;
  };
  /** how the network takes a feature */
  readonly sample: SampleEncoding;
  readonly input: Quantization;
}

/** Bits that transforms and powers may take. */
const transformBits = 29;
const mostPowerBits = 48;

/**
 * Brings log-mel features to integers that end in a network's int8 input. `exportFrontEnd` writes
 * them as C, `runFrontEnd` computes what that C gives.
 *
 * @param options features, and the network's `sample` and input tensor: `graph.sample` and
 *   `graph.tensors[graph.input]` of what `quantizeModel` returns
 * @throws ConfigError "front-end/transform" unless fftSize is a power of 2 from 8 to 8192 that
 *   holds a frame; "front-end/floor" if the floor would vanish in the integers' last bits; the
 *   errors of `melFilters` and `logMel` do not come from here: build the graph first
 */
export function planFrontEnd(options: FrontEndOptions): FrontEnd {
  const { sampleRate, frameLength, hop, fftSize, mels } = options.logMel;
  assertTransform(options.logMel);
  const window = windowOf(options.logMel);
  const sum = window.reduce((total, weight) => total + Math.abs(weight), 0);
  const largest = Math.ceil(Math.log2(32768 * sum) * 1024) / 1024; // bits of the largest transform
  const fractionBits = Math.min(14, Math.floor(transformBits - largest));
  const powerBits = Math.min(2 * fractionBits, Math.floor(mostPowerBits - 2 * largest));
  const edges = edgesOf(options.logMel);
  const firsts = edges.map((edge) => Math.ceil((edge * fftSize) / sampleRate - 1e-9));
  return {
    sampleRate,
    frameLength,
    hop,
    fftSize,
    mels,
    context: options.context ?? { before: 0, after: 0 },
    window: fixed(window, factorBits),
    cosines: fixed(
      Array.from({ length: fftSize / 4 + 1 }, (_, k) => Math.cos((2 * Math.PI * k) / fftSize)),
      factorBits,
    ),
    fractionBits,
    powerBits,
    edges: Uint16Array.from(firsts),
    slopes: slopesOf(edges, firsts, sampleRate / fftSize),
    logarithms: fixed(
      Array.from({ length: logIntervals + 1 }, (_, i) => Math.log2(1 + i / logIntervals)),
      logBits,
    ),
    ...scalesOf(options, edges, powerBits),
  };
}

function assertTransform({ fftSize, frameLength }: LogMelOptions): void {
  const isPower = Number.isInteger(Math.log2(fftSize));
  if (isPower && fftSize >= 8 && fftSize <= 8192 && frameLength <= fftSize) return;
  throw new ConfigError("front-end/transform", {
    where: "planFrontEnd",
    rule: "fftSize must be a power of 2 from 8 to 8192, and at least frameLength",
    got: `${fftSize} for frames of ${frameLength}`,
    fix: "Train on features of such a transform: at 16 kHz, 512",
    details: { fftSize, frameLength },
  });
}

function windowOf({ frameLength, window = "hann" }: LogMelOptions): number[] {
  return Array.from({ length: frameLength }, (_, t) =>
    window === "none" ? 1 : 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / frameLength),
  );
}

/** @returns mels + 2 frequencies in Hz, as `melFilters` has them */
function edgesOf(options: LogMelOptions): number[] {
  const { sampleRate, mels, lowFrequency = 0, melScale = "htk" } = options;
  const { highFrequency = sampleRate / 2 } = options;
  const low = melFromHertz(lowFrequency, melScale);
  const high = melFromHertz(highFrequency, melScale);
  return Array.from({ length: mels + 2 }, (_, i) =>
    hertzFromMel(low + ((high - low) * i) / (mels + 1), melScale),
  );
}

function slopesOf(edges: readonly number[], firsts: readonly number[], step: number): Uint16Array {
  const slopes: number[] = [];
  for (let i = 0; i + 1 < edges.length; i++)
    for (let bin = firsts[i]!; bin < firsts[i + 1]!; bin++) {
      const share = (bin * step - edges[i]!) / (edges[i + 1]! - edges[i]!);
      slopes.push(Math.min(2 ** slopeBits - 1, Math.max(0, Math.round(share * 2 ** slopeBits))));
    }
  return Uint16Array.from(slopes);
}

/** What makes int8 of a filter's power: floor, origin and multiplier. */
function scalesOf(
  { logMel, statistics, sample, input }: FrontEndOptions,
  edges: readonly number[],
  powerBits: number,
): Pick<FrontEnd, "floors" | "origins" | "multipliers" | "shift"> {
  const { mels, floor = 1e-6, normalization = "none" } = logMel;
  const unit = 2 ** (30 + powerBits); // of a power of samples in −1 … 1
  const filters = Array.from({ length: mels }, (_, m) => {
    const height = normalization === "slaney" ? 2 / (edges[m + 2]! - edges[m]!) : 1;
    const [mean, deviation] = [statistics?.mean[m] ?? 0, statistics?.deviation[m] ?? 1];
    // q = gain · (ln 2 · log₂(E / unit) + ln height − mean) + offset
    const gain = sample.scale / deviation / input.scale;
    const offset = sample.offset / input.scale + input.zeroPoint;
    const slope = gain * Math.LN2;
    const origin = Math.log2(unit) - (Math.log(height) - mean) / Math.LN2 - offset / slope;
    return { floor: (floor / height) * unit, slope, origin };
  });
  const least = Math.min(...filters.map((filter) => filter.floor));
  if (least < 256)
    throw new ConfigError("front-end/floor", {
      where: "planFrontEnd",
      rule: "the floor must be 256 steps of the integer powers or more",
      got: least.toPrecision(3),
      fix: "Train on features with a higher floor, or of shorter frames",
      details: { floor, steps: least },
    });
  const steepest = Math.max(...filters.map(({ slope }) => slope));
  const shift = Math.min(62, 29 - Math.ceil(Math.log2(steepest)) + logBits);
  return {
    floors: filters.map((filter) => BigInt(Math.round(filter.floor))),
    origins: fixed(
      filters.map(({ origin }) => origin),
      logBits,
    ),
    multipliers: fixed(
      filters.map(({ slope }) => slope),
      shift - logBits,
    ),
    shift,
  };
}

function fixed(numbers: readonly number[], bits: number): Int32Array {
  return Int32Array.from(numbers, (x) => Math.round(x * 2 ** bits));
}
