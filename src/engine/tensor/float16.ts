/**
 * @file IEEE 754 binary16 ↔ binary32. Node 20 has no Float16Array. Rounds to nearest, ties to even.
 */

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/**
 * @param value any number; rounded to float32 first. @returns the 16 bits of the nearest half;
 *   overflow gives ±infinity
 */
export function float16FromFloat32(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200);
  const halfExponent = exponent - 112;
  if (halfExponent >= 31) return sign | 0x7c00;
  if (halfExponent <= 0) {
    if (halfExponent < -10) return sign;
    const shifted = (mantissa | 0x800000) >>> (1 - halfExponent);
    return sign | roundToEven(shifted, (mantissa | 0x800000) & ((1 << (1 - halfExponent)) - 1));
  }
  return sign | roundToEven((halfExponent << 23) | mantissa, 0);
}

/**
 * Drops 13 bits with round-half-even; `sticky` is non-zero if lower bits were already lost. A carry
 * runs into the exponent, as it should.
 */
function roundToEven(bits: number, sticky: number): number {
  const kept = bits >>> 13;
  const rest = (bits & 0x1fff) | (sticky === 0 ? 0 : 1);
  const up = rest > 0x1000 || (rest === 0x1000 && (kept & 1) === 1);
  return up ? kept + 1 : kept;
}

/** value of each half, made when first needed: to look one up is a tenth of working it out */
let halves: Float32Array | undefined;

/** @param half 16 bits. @returns its exact value */
export function float32FromFloat16(half: number): number {
  halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => decoded(bits));
  return halves[half]!;
}

function decoded(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
