/** @file Spectrograms in the graph: the Fourier transform as a convolution, then mel filters. */

import { assertKnown, ConfigError } from "../../../errors/index.ts";
import { constant, type Value } from "../../graph/index.ts";
import { float32, type Tensor } from "../../tensor/index.ts";
import { add } from "../add.ts";
import { assertRank } from "../assert.ts";
import { concat } from "../concat.ts";
import { log } from "../log.ts";
import { matMul } from "../mat-mul.ts";
import { mul } from "../mul.ts";
import { reshape } from "../reshape.ts";
import { slice } from "../slice.ts";
import { transpose } from "../transpose.ts";
import { conv1d } from "./conv1d.ts";
import { type MelOptions, melFilters } from "./mel-filters.ts";

export interface FrameOptions {
  /** samples in a frame, at most fftSize */
  readonly frameLength: number;
  /** samples from the start of a frame to the start of the next */
  readonly hop: number;
  /** points of the Fourier transform; the frame is followed by zeros; even */
  readonly fftSize: number;
  /** weights of a frame's samples: "hann" (default, periodic) or "none" */
  readonly window?: "hann" | "none";
}

export interface LogMelOptions extends FrameOptions, MelOptions {
  /** added before the logarithm, so that silence has one; default 1e-6 */
  readonly floor?: number;
}

function assertFrames(where: string, options: FrameOptions): void {
  const { frameLength, hop, fftSize, window = "hann" } = options;
  assertKnown(where, "window", window, ["hann", "none"]);
  const whole = [frameLength, hop, fftSize].every((size) => Number.isInteger(size) && size >= 1);
  if (!whole || frameLength > fftSize || fftSize % 2 !== 0)
    throw new ConfigError("config/range", {
      where,
      rule: "frameLength, hop and fftSize must be integers of at least 1, frameLength at most fftSize, fftSize even",
      got: `${frameLength}, ${hop} and ${fftSize}`,
      fix: "At 16 kHz: 480, 320 and 512",
      details: { frameLength, hop, fftSize },
    });
}

/** @returns float32 [2 · bins, 1, frameLength]: the cosines, then the negated sines, windowed */
function fourierKernel({ frameLength, fftSize, window = "hann" }: FrameOptions): Tensor<"float32"> {
  const bins = fftSize / 2 + 1;
  const data = new Float32Array(2 * bins * frameLength);
  for (let t = 0; t < frameLength; t++) {
    const weight = window === "none" ? 1 : 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / frameLength);
    for (let bin = 0; bin < bins; bin++) {
      const angle = (2 * Math.PI * ((bin * t) % fftSize)) / fftSize;
      data[bin * frameLength + t] = weight * Math.cos(angle);
      data[(bins + bin) * frameLength + t] = -weight * Math.sin(angle);
    }
  }
  return float32([2 * bins, 1, frameLength], data);
}

/** @returns float32 [batch, 2 · bins, frames]: squares of the real, then of the imaginary parts */
function squaredParts(where: string, x: Value, options: FrameOptions): Value {
  assertFrames(where, options);
  assertRank(where, x, 2, "[batch, samples]");
  const [batch, samples] = x.shape;
  const kernel = constant(fourierKernel(options));
  const parts = conv1d(reshape(x, [batch!, 1, samples!]), kernel, { stride: options.hop });
  return mul(parts, parts);
}

/**
 * Power of each frequency in each frame:
 *
 *   y[n, k, i] = |Σₜ w[t] · x[n, i · hop + t] · exp(−2πi k t / fftSize)|²
 *
 * Frames start at the first sample and lie wholly inside (librosa's and PyTorch's center = false).
 *
 * @param x float32 [batch, samples]
 * @returns float32 [batch, fftSize / 2 + 1, frames], frames = floor((samples − frameLength) / hop)
 *   + 1; not negative
 * @throws ConfigError "config/range", "config/unknown-name"; ShapeError "shape/rank",
 *   "shape/window" if no frame fits
 */
export function powerSpectrogram(x: Value, options: FrameOptions): Value {
  const squares = squaredParts("powerSpectrogram", x, options);
  const bins = options.fftSize / 2 + 1;
  const part = (start: number): Value =>
    slice(squares, { starts: [start], ends: [start + bins], axes: [1] });
  return add(part(0), part(bins));
}

/**
 * Logarithm of the power in each mel filter, frame by frame:
 *
 *   y[n, i, m] = ln(floor + Σₖ filter[m, k] · power[n, k, i])
 *
 * with `powerSpectrogram` and `melFilters`. The front end of keyword spotters, as plain operators:
 * it is trained through, and exported with the network.
 *
 * @param x float32 [batch, samples]
 * @param options.floor default 1e-6
 * @returns float32 [batch, frames, mels]
 * @throws as powerSpectrogram and melFilters
 */
export function logMel(x: Value, options: LogMelOptions): Value {
  const { floor = 1e-6 } = options;
  if (!(floor > 0))
    throw new ConfigError("config/range", {
      where: "logMel",
      rule: "floor must be positive, or silence has no logarithm",
      got: String(floor),
      details: { floor },
    });
  const squares = squaredParts("logMel", x, options);
  const filters = constant(melFilters(options)); // [mels, bins]
  // One product adds real and imaginary parts: the filters stand twice.
  const both = transpose(concat([filters, filters], 1)); // [2 · bins, mels]
  const mels = matMul(transpose(squares, [0, 2, 1]), both); // [batch, frames, mels]
  return log(add(mels, floor));
}
