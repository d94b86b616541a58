/** @file Checks a gradient against central differences in float64. */

import { randomStream } from "../../src/engine/tensor/index.ts";

export interface DerivativeCheck {
  /** the function, evaluated in float64 */
  readonly value: (inputs: readonly Float64Array[]) => number;
  readonly inputs: readonly Float64Array[];
  /** the gradient to check, one array per input, of the input's length */
  readonly gradient: readonly Float64Array[];
  /** repeats the random directions */
  readonly seed: number;
}

/**
 * Step; a float64 central difference of a smooth function of size 1 is then good to about 5e-10.
 */
export const epsilon = 1e-4;
/**
 * Allowed error relative to the gradient's size along a direction: far above the noise, far below
 * any wrong factor.
 */
export const rtol = 1e-6;
/** Directions drawn; each costs two evaluations. */
const directionCount = 10;
/** Up to this many elements, each one is also checked alone. */
const elementwiseLimit = 64;

/** @returns what is wrong with the gradient, or null */
export function wrongDerivative(check: DerivativeCheck): string | null {
  const sizes = check.inputs.map((data) => data.length);
  for (const [position, size] of sizes.entries())
    if (check.gradient[position]?.length !== size)
      return `gradient ${position} has ${check.gradient[position]?.length} elements instead of ${size}`;
  const count = sizes.reduce((sum, size) => sum + size, 0);
  if (count === 0) return null;
  const norm = Math.hypot(...check.gradient.flatMap((data) => [...data]));
  for (const { name, direction, scale } of directions(sizes, check.seed)) {
    const along = check.gradient.reduce((sum, data, i) => sum + dot(data, direction[i]!), 0);
    const quotient = (shifted(check, direction, 1) - shifted(check, direction, -1)) / (2 * epsilon);
    const size = Math.max(Math.abs(along), norm * scale);
    // 1e-9 is the rounding noise of values near 1 divided by the step
    if (!(Math.abs(quotient - along) <= rtol * size + 1e-9))
      return `along ${name} (seed ${check.seed}) the gradient says ${along}, differences say ${quotient}`;
  }
  return null;
}

interface Direction {
  readonly name: string;
  readonly direction: readonly Float64Array[];
  /** expected share of the gradient's norm along it */
  readonly scale: number;
}

function directions(sizes: readonly number[], seed: number): Direction[] {
  const count = sizes.reduce((sum, size) => sum + size, 0);
  const { normal } = randomStream("central-differences", seed);
  const random = Array.from({ length: directionCount }, (_, index): Direction => {
    const raw = sizes.map((size) => Float64Array.from({ length: size }, normal));
    const length = Math.hypot(...raw.flatMap((data) => [...data]));
    const direction = raw.map((data) => data.map((x) => x / length));
    return { name: `random direction ${index}`, direction, scale: 1 / Math.sqrt(count) };
  });
  if (count > elementwiseLimit) return random;
  const single = sizes.flatMap((size, position) =>
    Array.from({ length: size }, (_, element): Direction => {
      const direction = sizes.map((length) => new Float64Array(length));
      direction[position]![element] = 1;
      return {
        name: `element ${element} of input ${position}`,
        direction,
        scale: 1 / Math.sqrt(count),
      };
    }),
  );
  return [...random, ...single];
}

function shifted(check: DerivativeCheck, direction: readonly Float64Array[], sign: 1 | -1): number {
  return check.value(
    check.inputs.map((data, i) => data.map((x, j) => x + sign * epsilon * direction[i]![j]!)),
  );
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}
