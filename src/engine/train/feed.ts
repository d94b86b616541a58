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
 * Writes one step's inputs into row `row` of the slabs (elements row · size … (row + 1) · size),
 * all of them: the slabs may hold those of other steps.
 */
type FillRow = (step: number, row: number, slabs: Slabs) => void | Promise<void>;

/** Which samples make up a step's batch, padding left out. */
interface BatchSamples {
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
export function assembleSlabs(feed: Feed, from: number, count: number): Promise<Slabs> {
  return filled(feed, from, count, allocateSlabs(feed, count));
}

/**
 * `assembleSlabs` into two sets of arrays in turn: what a call gave is overwritten by the second
 * call after it. Arrays of megabytes made anew each time would have V8 search everything the
 * process holds for garbage, about every 64 MB.
 */
export function slabAssembler(feed: Feed): (from: number, count: number) => Promise<Slabs> {
  const sets: { readonly count: number; readonly slabs: Slabs }[] = [];
  return (from, count) => {
    const older = sets.length === 2 ? sets.shift() : undefined;
    const set = older?.count === count ? older : { count, slabs: allocateSlabs(feed, count) };
    sets.push(set);
    return filled(feed, from, count, set.slabs);
  };
}

function allocateSlabs(feed: Feed, count: number): Slabs {
  const slab = ({ dtype, shape }: FeedInput): Tensor => ({
    dtype,
    shape: [count, ...shape],
    data: allocate(dtype, count * elementCount(shape)),
  });
  return Object.fromEntries(feed.inputs.map((each) => [each.name, slab(each)]));
}

async function filled(feed: Feed, from: number, count: number, slabs: Slabs): Promise<Slabs> {
  for (let row = 0; row < count; row++) {
    const pending = feed.fill(from + row, row, slabs);
    if (pending !== undefined) await pending;
  }
  return slabs;
}

/**
 * Limit of the per-step inputs that one call holds. So small that the allocators of both sides of a
 * worker thread use memory again that they have; for tens of megabytes the system hands out new
 * pages each time, and clears them.
 */
const callBytes = 8 * 2 ** 20;

/** @returns how many steps' inputs one call may hold, at least 1 */
export function stepsInCall(feed: Feed): number {
  const bytes = ({ dtype, shape }: FeedInput): number =>
    allocate(dtype, 1).byteLength * elementCount(shape);
  const stepBytes = feed.inputs.reduce((total, each) => total + bytes(each), 0);
  return Math.max(1, Math.floor(callBytes / stepBytes));
}
