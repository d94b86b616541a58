/** @file Comparison of tensors with a stated tolerance; the message names the worst element. */

import { type Shape, sameShape, showShape } from "../../src/engine/tensor/index.ts";

export interface Elements {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/** |actual − expected| ≤ atol + rtol · |expected|; NaN equals NaN, an infinity equals itself. */
export interface Closeness {
  readonly rtol: number;
  readonly atol: number;
}

/** @returns what differs, or null. Shapes are compared first. */
export function difference(
  actual: Elements,
  expected: Elements,
  { rtol, atol }: Closeness,
): string | null {
  if (!sameShape(actual.shape, expected.shape))
    return `shape ${showShape(actual.shape)} instead of ${showShape(expected.shape)}`;
  if (actual.data.length !== expected.data.length)
    return `${actual.data.length} elements instead of ${expected.data.length}`;
  let failures = 0;
  let worst = { excess: -1, index: -1 };
  for (let index = 0; index < expected.data.length; index++) {
    const [got, wanted] = [actual.data[index]!, expected.data[index]!];
    if (Object.is(got, wanted) || got === wanted) continue;
    const error = Math.abs(got - wanted);
    const allowed = atol + rtol * Math.abs(wanted);
    if (Number.isFinite(wanted) && error <= allowed) continue;
    failures++;
    const excess = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error / allowed;
    if (excess > worst.excess) worst = { excess, index };
  }
  if (failures === 0) return null;
  const { index } = worst;
  return (
    `${failures} of ${expected.data.length} elements differ; worst at ${index}: ` +
    `${actual.data[index]} instead of ${expected.data[index]} (rtol ${rtol}, atol ${atol})`
  );
}

/** @throws Error naming `what` and the worst element unless both are close */
export function assertClose(
  what: string,
  actual: Elements,
  expected: Elements,
  closeness: Closeness,
): void {
  const problem = difference(actual, expected, closeness);
  if (problem !== null) throw new Error(`${what}: ${problem}`);
}
