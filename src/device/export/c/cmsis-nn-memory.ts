/** @file Memory that CMSIS-NN wants for a layer on any core, by its own formulas. */

const aligned = (bytes: number, to: number): number => to * Math.ceil(bytes / to);

/** Four columns of patches with Helium, two of 16 bits elsewhere; rows of one line, padded. */
function convolutionBuffer(taps: number, outputs: number): number {
  return Math.max(4 * aligned(taps, 16), 4 * aligned(taps, 4), 8 * outputs) + 64;
}

/** Channels that Helium's depthwise kernel takes at once. */
const heliumChannels = 124;

/** @returns bytes: multipliers, shifts, biases, and CMSIS-NN's own */
export function cmsisNnConvolutionBytes(taps: number, outputs: number): number {
  return aligned(12 * outputs + 2 * convolutionBuffer(taps, outputs), 4);
}

/** @param taps of one output. @returns bytes: multipliers, shifts, and CMSIS-NN's own */
export function cmsisNnDepthwiseBytes(taps: number, inputs: number, outputs: number): number {
  const asConvolution = inputs === 1 ? convolutionBuffer(taps, outputs) + taps * outputs : 0;
  const own = Math.max(4 * heliumChannels * taps, 2 * inputs * taps, asConvolution);
  return aligned(8 * outputs + own, 4);
}
