/** @file Makes batches of samples as they are stored: noise, or what networks make of it. */

import type { Runtime } from "../../engine/runtime/index.ts";
import { allocate, type DataOf, elementCount, randomStream } from "../../engine/tensor/index.ts";
import type { Model } from "../training/model-file.ts";
import type { SampleLike, SettledSpec } from "./generated-spec.ts";
import { type Descent, type Impressions, openImpressions } from "./impressions.ts";
import { drawNoise, smoothImages } from "./noise.ts";

/** A batch of samples in the dtype of the data. */
export interface MadeBatch {
  readonly data: DataOf["uint8" | "float32"];
  /** null for noise */
  readonly descent: Descent | null;
}

export interface BatchMaker {
  readonly make: (batch: number, signal: AbortSignal | undefined) => Promise<MadeBatch>;
  readonly close: () => Promise<void>;
}

export interface BatchMakerOptions {
  readonly runtime: Runtime;
  readonly threads: number;
  readonly like: SampleLike;
  /** as sharedSpec gives it for the models */
  readonly spec: SettledSpec;
  /** of impressions: each makes a part of the batches, one after the other */
  readonly models: readonly Model[];
}

/** One network at a time is open. */
export function batchMaker(options: BatchMakerOptions): BatchMaker {
  const { runtime, threads, like, spec, models } = options;
  const batches = Math.ceil(spec.samples / spec.batchSize);
  let open: { readonly model: Model; readonly impressions: Impressions } | undefined;
  const close = async (): Promise<void> => {
    const { impressions } = open ?? {};
    open = undefined;
    await impressions?.close();
  };
  const opened = async (batch: number): Promise<Impressions | undefined> => {
    const model = models[Math.floor((batch * models.length) / batches)];
    if (model === open?.model) return open?.impressions;
    await close();
    if (model === undefined || spec.kind !== "impressions") return undefined;
    open = { model, impressions: await openImpressions(runtime, model, spec, threads) };
    return open.impressions;
  };
  return {
    make: async (batch, signal) => {
      const from = batch * spec.batchSize;
      const start = noiseBatch(from, like, spec);
      const made = await (await opened(batch))?.make(from, start, signal);
      const shares = made?.samples ?? start;
      if (spec.blur > 0) smoothImages(shares, like.shape, spec.blur);
      return { data: stored(shares, like, spec), descent: made?.descent ?? null };
    },
    close,
  };
}

/** @returns float32 [batch, ...shape] in shares of the range; each sample is drawn by its number */
function noiseBatch(from: number, { shape }: SampleLike, spec: SettledSpec): Float32Array {
  const size = elementCount(shape);
  const batch = new Float32Array(spec.batchSize * size);
  for (let row = 0; row < spec.batchSize; row++)
    batch.set(
      drawNoise(randomStream(spec.seed, "noise", from + row), shape, spec.distribution),
      row * size,
    );
  return batch;
}

/** From shares of the range to values: whole ones for uint8. */
function stored(
  shares: Float32Array,
  { dtype }: SampleLike,
  { range: [low, high] }: SettledSpec,
): DataOf["uint8" | "float32"] {
  const values = allocate(dtype === "uint8" ? "uint8" : "float32", shares.length);
  for (const [at, share] of shares.entries()) {
    const value = low + share * (high - low);
    values[at] = dtype === "uint8" ? Math.round(value) : value;
  }
  return values;
}
