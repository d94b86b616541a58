/**
 * @file A log-mel front end in integers, as plain data: what the integer reference runs and the C
 * target writes out. From 16-bit samples to the int8 input of a network, frame by frame.
 *
 * Samples times window, with `fractionBits` behind the point; a real Fourier transform in 32 bits
 * (radix 2, factors of 30 bits, no scaling between stages); powers with `powerBits` behind the
 * point; triangles that share their slopes: what one filter loses, the next one gains; log₂ by a
 * table; one multiplication to int8 per filter.
 */

/** Entries of the logarithm's table, less 1: linear between them, 1.8e-4 octaves off at most. */
export const logIntervals = 32;

/** Fraction bits of window and Fourier factors, of slopes, and of logarithms. */
export const factorBits = 30;
export const slopeBits = 16;
export const logBits = 16;

/** What `planFrontEnd` makes: numbers and tables. */
export interface FrontEnd {
  /** Hz, of the samples */
  readonly sampleRate: number;
  readonly frameLength: number;
  readonly hop: number;
  /** a power of 2 */
  readonly fftSize: number;
  readonly mels: number;
  /** frames before and after the one that is classified, which the network sees with it */
  readonly context: { readonly before: number; readonly after: number };
  /** of each sample of a frame, 30 fraction bits */
  readonly window: Int32Array;
  /** cos(2πk / fftSize), k = 0 … fftSize / 4, 30 fraction bits */
  readonly cosines: Int32Array;
  /** of windowed samples and their transform */
  readonly fractionBits: number;
  /** of powers, in squares of 16-bit samples; may be negative */
  readonly powerBits: number;
  /** the first frequency at or above each of the mels + 2 edges */
  readonly edges: Uint16Array;
  /**
   * of the frequencies edges[0] … edges[mels + 1] − 1: how far each is from the edge below it to
   * the next, 16 fraction bits; that is its weight in the filter that rises there, and 1 less it in
   * the filter that falls
   */
  readonly slopes: Uint16Array;
  /** added to each filter's power before the logarithm */
  readonly floors: readonly bigint[];
  /** log₂(1 + i / 32), 16 fraction bits */
  readonly logarithms: Int32Array;
  /** q = (log₂ − origin) · multiplier / 2^shift, rounded: one of each a filter */
  readonly origins: Int32Array;
  readonly multipliers: Int32Array;
  readonly shift: number;
}
