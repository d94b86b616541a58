/**
 * @file A feed over a data set: shuffled batches, augmented or plain, and further inputs that parts
 * add.
 */

import type { SampleDType } from "../../data/index.ts";
import {
  type Augmentation,
  type Batch,
  type Dataset,
  makeBatches,
  makeViews,
} from "../../data/index.ts";
import { type DataOf, elementCount, mixKey, type TypedArray } from "../../engine/tensor/index.ts";
import type { Feed, FeedInput, Slabs } from "../../engine/train/index.ts";
import { samplesInput, seedInput } from "../../engine/train/index.ts";

/** Where in the run a step is. */
export interface StepPosition {
  /** from 0 */
  readonly step: number;
  readonly epoch: number;
  /** of the whole run */
  readonly totalSteps: number;
  readonly batch: Batch;
}

/**
 * Some of a step's inputs. `fill` writes this step's values into `rows`, one array for each input,
 * in order.
 */
export interface FeedPart {
  readonly inputs: readonly FeedInput[];
  readonly fill: (position: StepPosition, rows: readonly TypedArray[]) => void | Promise<void>;
}

/** Augmented views of samples. View v of a sample is a function of (seed, sample content, v). */
export interface Views {
  readonly augmentation: Augmentation;
  readonly seed: number;
  /** epoch e sees view e mod count; without it every epoch sees a new view */
  readonly count?: number | undefined;
  /** content keys that MixUp draws partners from; default: the data set's own */
  readonly pool?: readonly string[] | undefined;
}

export interface DatasetFeedOptions {
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly epochs: number;
  /** of shuffling and of the dropout seeds */
  readonly seed: number;
  readonly views?: Views | undefined;
  readonly parts: readonly FeedPart[];
}

/** @returns which augmented view an epoch sees */
export function viewOfEpoch(views: Views, epoch: number): number {
  return views.count === undefined ? epoch : epoch % views.count;
}

/** @throws ConfigError or DataError for augmentation that the samples cannot take */
export function datasetFeed(options: DatasetFeedOptions): Feed {
  const { dataset, batchSize, seed } = options;
  const { length, shuffle } = dataset;
  const batches = makeBatches({ length, batchSize, seed, shuffle });
  const totalSteps = batches.stepsPerEpoch * options.epochs;
  const parts = [samplesPart(options), seedPart(seed), ...options.parts];
  const sizes = parts.map(({ inputs }) => inputs.map(({ shape }) => elementCount(shape)));
  const rowsOf = (part: number, row: number, slabs: Slabs): TypedArray[] =>
    parts[part]!.inputs.map(({ name }, index) => {
      const size = sizes[part]![index]!;
      return slabs[name]!.data.subarray(row * size, (row + 1) * size);
    });
  return {
    stepsPerEpoch: batches.stepsPerEpoch,
    inputs: parts.flatMap(({ inputs }) => inputs),
    fill: async (step, row, slabs) => {
      const epoch = Math.floor(step / batches.stepsPerEpoch);
      const position = { step, epoch, totalSteps, batch: batches.at(step) };
      for (const [index, part] of parts.entries()) {
        const pending = part.fill(position, rowsOf(index, row, slabs));
        if (pending !== undefined) await pending;
      }
    },
    samplesOf: (step) => {
      const { indices, weights } = batches.at(step);
      const own = [...indices].filter((_, slot) => weights[slot]! > 0);
      return { indices: own, keys: own.map((index) => dataset.key(index)) };
    },
  };
}

function samplesPart({ dataset, batchSize, views }: DatasetFeedOptions): FeedPart {
  const { dtype, shape } = dataset;
  const inputs = [{ name: samplesInput, dtype, shape: [batchSize, ...shape] }];
  if (views === undefined)
    return {
      inputs,
      fill: ({ batch }, [target]) => dataset.gather(batch.indices, target as DataOf[SampleDType]), // declared so above
    };
  const { read } = makeViews(dataset, views);
  return {
    inputs,
    fill: ({ batch, epoch }, [target]) =>
      read(batch.indices, viewOfEpoch(views, epoch), target as DataOf[SampleDType]), // declared so above
  };
}

/** The dropout seed of each step. */
function seedPart(seed: number): FeedPart {
  return {
    inputs: [{ name: seedInput, dtype: "uint32", shape: [] }],
    fill: ({ step }, [row]) => {
      row![0] = mixKey(seed, "dropout", step);
    },
  };
}

/** @returns a part that feeds float32 scalars, each a function of the position */
export function scalarsPart(
  scalars: Readonly<Record<string, (position: StepPosition) => number>>,
): FeedPart {
  const entries = Object.entries(scalars);
  return {
    inputs: entries.map(([name]) => ({ name, dtype: "float32", shape: [] })),
    fill: (position, rows) => {
      for (const [index, [, value]] of entries.entries()) rows[index]![0] = value(position);
    },
  };
}
