/** @file What counts as 0 before a square root or a quotient is taken of it. */

/**
 * A sum of squares below this counts as 0: then nothing points anywhere, and no gradient flows. Any
 * square root and quotient above it, and their derivatives, stay in float32's range.
 */
export const zeroThreshold = 1e-30;
