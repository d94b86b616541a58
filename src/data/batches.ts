/**
 * @file Which samples make up the batch of a step: a function of (seed, step) alone, so nothing is
 * saved to resume.
 */

import { permutation } from "../engine/tensor/index.ts";
import { ConfigError } from "../errors/index.ts";
import { blockOrder, type ShuffleBlocks } from "./shuffle-blocks.ts";

/** What batching depends on. */
export interface BatchPlan {
  /** samples in the data set, ≥ 1 */
  readonly length: number;
  /** samples in a batch, ≥ 1 */
  readonly batchSize: number;
  readonly seed: number;
  /** mix blocks and windows of blocks instead of all samples; see `blockOrder` */
  readonly shuffle?: ShuffleBlocks | undefined;
}

/** One batch. The last of an epoch may be padded with samples of weight 0. */
export interface Batch {
  /** int32 [batchSize], sample numbers */
  readonly indices: Int32Array;
  /** float32 [batchSize], 1 for the epoch's own samples, 0 for padding */
  readonly weights: Float32Array;
}

/** @returns ceil(length / batchSize) */
export function stepsPerEpoch({
  length,
  batchSize,
}: Pick<BatchPlan, "length" | "batchSize">): number {
  return Math.ceil(length / batchSize);
}

/**
 * @returns int32 [length], the order of an epoch: permutation(length, seed, "shuffle", epoch), or
 *   that of `blockOrder`
 */
export function epochOrder(
  { length, seed, shuffle }: Omit<BatchPlan, "batchSize">,
  epoch: number,
): Int32Array {
  if (shuffle !== undefined) return blockOrder(length, shuffle, seed, epoch);
  return permutation(length, seed, "shuffle", epoch);
}

/**
 * The batch of a step within an epoch. Every sample stands in exactly one batch of its epoch with
 * weight 1. Padding repeats the epoch's order from its start, so that batch statistics see real
 * samples.
 *
 * @param order the epoch's order, from `epochOrder`; or 0 … length-1 for no shuffling
 * @param step 0 … stepsPerEpoch-1
 */
export function batchOfOrder(order: Int32Array, batchSize: number, step: number): Batch {
  const indices = new Int32Array(batchSize);
  const weights = new Float32Array(batchSize);
  for (let slot = 0; slot < batchSize; slot++) {
    const at = step * batchSize + slot;
    indices[slot] = order[at % order.length]!;
    weights[slot] = at < order.length ? 1 : 0;
  }
  return { indices, weights };
}

/**
 * The batch of (seed, epoch, step), all by itself. To walk many steps use `makeBatches`, which
 * orders each epoch once.
 *
 * @throws ConfigError "config/range" if length or batchSize is not a positive integer, or step is
 *   not in the epoch
 */
export function batchIndices(plan: BatchPlan & { epoch: number; step: number }): Batch {
  assertPlan(plan);
  const steps = stepsPerEpoch(plan);
  if (!Number.isInteger(plan.step) || plan.step < 0 || plan.step >= steps)
    throw range("step", `0 … ${steps - 1} within an epoch`, plan.step);
  return batchOfOrder(epochOrder(plan, plan.epoch), plan.batchSize, plan.step);
}

/** Batches by global step. */
export interface Batches extends BatchPlan {
  readonly stepsPerEpoch: number;
  /** @param globalStep 0, 1, …; epoch = floor(globalStep / stepsPerEpoch) */
  readonly at: (globalStep: number) => Batch;
}

/**
 * Batches as a function of the global step; remembers the order of the epoch last asked for, which
 * changes speed only.
 *
 * @throws ConfigError "config/range" if length or batchSize is not a positive integer
 */
export function makeBatches(plan: BatchPlan): Batches {
  assertPlan(plan);
  const steps = stepsPerEpoch(plan);
  let last: { readonly epoch: number; readonly order: Int32Array } | undefined;
  const at = (globalStep: number): Batch => {
    if (!Number.isSafeInteger(globalStep) || globalStep < 0)
      throw range("globalStep", "an integer ≥ 0", globalStep);
    const epoch = Math.floor(globalStep / steps);
    if (last?.epoch !== epoch) last = { epoch, order: epochOrder(plan, epoch) };
    return batchOfOrder(last.order, plan.batchSize, globalStep % steps);
  };
  return { ...plan, stepsPerEpoch: steps, at };
}

function assertPlan({ length, batchSize }: BatchPlan): void {
  for (const [name, value] of Object.entries({ length, batchSize }))
    if (!Number.isInteger(value) || value < 1) throw range(name, "an integer ≥ 1", value);
}

function range(name: string, rule: string, value: number): ConfigError {
  return new ConfigError("config/range", {
    where: "batches",
    rule: `${name} must be ${rule}`,
    got: String(value),
    fix: `Correct ${name}`,
    details: { name, value },
  });
}
