/**
 * @file What a training run eats: the per-step inputs of any step, as a function of the step's
 * number.
 */

import type { DType, Shape, Tensor } from "../tensor/index.ts";
import { allocate, elementCount } from "../tensor/index.ts";

/** One per-step input: at every step one tensor of this dtype and shape. */
export interface FeedInput {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/**
 * Writes one step's inputs into row `row` of the slabs (elements row · size … (row + 1) · size).
 */
export type FillRow = (step: number, row: number, slabs: Slabs) => void | Promise<void>;

/** Which samples make up a step's batch, padding left out. */
export interface BatchSamples {
  /** sample numbers in the data set */
  readonly indices: readonly number[];
  /** content key of each */
  readonly keys: readonly string[];
}

/**
 * A source of per-step inputs. Filling is a function of the step alone: any order, any cut, the
 * same bytes.
 */
export interface Feed {
  readonly stepsPerEpoch: number;
  readonly inputs: readonly FeedInput[];
  readonly fill: FillRow;
  /** names the samples of a step, for messages */
  readonly samplesOf: (step: number) => BatchSamples;
}

/** Per-step inputs of consecutive steps, with a leading steps axis. */
export type Slabs = Readonly<Record<string, Tensor>>;

/** @returns the inputs of steps from … from + count - 1 */
export async function assembleSlabs(feed: Feed, from: number, count: number): Promise<Slabs> {
  const slabs = Object.fromEntries(
    feed.inputs.map(({ name, dtype, shape }) => [
      name,
      {
        dtype,
        shape: [count, ...shape],
        data: allocate(dtype, count * elementCount(shape)),
      } satisfies Tensor,
    ]),
  );
  for (let row = 0; row < count; row++) {
    const pending = feed.fill(from + row, row, slabs);
    if (pending !== undefined) await pending;
  }
  return slabs;
}

/** @returns bytes that one step's inputs take */
export function stepBytes(feed: Feed): number {
  return feed.inputs.reduce(
    (total, { dtype, shape }) => total + allocate(dtype, 1).byteLength * elementCount(shape),
    0,
  );
}
