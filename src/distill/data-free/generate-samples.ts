/** @file Makes a transfer set from a teacher alone: no sample of any data is read. */

import { arrayDataset, type Dataset, type Store, UNLABELLED } from "../../data/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { allocate, elementCount, type Tensor } from "../../engine/tensor/index.ts";
import {
  assertInRange,
  assertOptions,
  ConfigError,
  DataError,
  type OptionNames,
} from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { assertModelFits, assertNotAborted, type Teacher } from "../teachers/index.ts";
import { type Model, modelHash } from "../training/model-file.ts";
import { batchMaker, type MadeBatch } from "./batch-maker.ts";
import { readChunk, writeChunk } from "./chunk-files.ts";
import {
  type GeneratedSpec,
  type SampleLike,
  type SettledSpec,
  settledSpec,
  sharedSpec,
} from "./generated-spec.ts";
import type { Descent } from "./impressions.ts";

export interface GenerateOptions {
  /** impressions are made of networks of Potstill's own, from each member of an ensemble a part */
  readonly teacher: Teacher;
  readonly spec: GeneratedSpec;
  readonly runtime: Runtime;
  /** default: what the teacher's network was trained on; needed where that is not known */
  readonly like?: SampleLike;
  /** default 1 */
  readonly threads?: number;
  /** keeps finished batches, and finds them again; nothing else may lie there */
  readonly store?: Store;
  /** stops the work; finished batches stay */
  readonly signal?: AbortSignal;
}

/** How far the making of samples is. */
export interface GenerateEvent {
  readonly type: "generate";
  /** samples made, those of an earlier start included */
  readonly done: number;
  readonly total: number;
  /** of this start; 0 before the first batch */
  readonly samplesPerSecond: number;
  /** of the last batch; null for noise, and for a batch that was there */
  readonly descent: Descent | null;
  /** different samples among all, once they are there; null before */
  readonly distinct: number | null;
}

const optionNames: OptionNames<GenerateOptions> = {
  teacher: true,
  spec: true,
  runtime: true,
  like: true,
  threads: true,
  store: true,
  signal: true,
};

/**
 * Makes samples that a student can learn from where there are no data: data impressions, or noise.
 * They have no labels; whoever trains has the teacher label them.
 *
 * uint8 samples are rounded to the values that are stored, so what the teacher labels is what the
 * student sees. The bytes are a function of teacher, options and (of impressions) threads: not of
 * interruptions. Where a descent ends at the range's ends, samples can be equal: the last event
 * counts the different ones. Beside the samples asked for, a batch is in memory.
 *
 * @returns an async generator of progress; its return value is the data set
 * @throws DataError "teacher/no-gradient" for impressions of a teacher that is not made of
 *   Potstill's own networks; ConfigError "config/missing" where nothing says what samples are like,
 *   "config/range" for fewer samples than networks, and as assertGeneratedSpec and
 *   impressionStep; DataError as assertModelFits; RunError
 *   "run/aborted", "run/non-finite"; DataError "run/other-settings" for a store of other samples
 * @see Nayak, Mopuri, Shaj, Babu, Chakraborty (2019), Zero-Shot Knowledge Distillation in Deep
 *   Networks, arXiv:1905.08114
 * @example
 *   const spec = { kind: "impressions", samples: 4000 } as const;
 *   const transfer = await generateAllSamples({ teacher, spec, runtime });
 *   await distiller.fit({ train: transfer, validation, test }, { arms: ["distilled"] });
 */
export async function* generateSamples(
  options: GenerateOptions,
): AsyncGenerator<GenerateEvent, Dataset> {
  assertOptions("generated samples", options, optionNames);
  const { teacher, threads = 1 } = options;
  assertInRange("generated samples", { threads }, { from: 1, isInteger: true });
  const like = options.like ?? likeOf(teacher);
  const settled = settledSpec(options.spec, like);
  const models = settled.kind === "noise" ? [] : differentiable(teacher);
  const spec = sharedSpec(settled, models.length);
  for (const model of models)
    assertModelFits(model, teacher.name, { ...like, name: "generated samples" });
  const { samples: total, batchSize } = spec;
  const size = elementCount(like.shape);
  const data = allocate(like.dtype, total * size);
  const { dtype, shape, preprocessing, classNames, frames } = like;
  let dataset: Dataset | undefined;
  const started = performance.now();
  let done = 0;
  let made = 0;
  yield { type: "generate", done, total, samplesPerSecond: 0, descent: null, distinct: null };
  for await (const { batch, isNew } of batches(options, { like, spec, models })) {
    const own = Math.min(batchSize, total - done); // the last batch is whole too
    data.set(batch.data.subarray(0, own * size), done * size);
    done += own;
    if (isNew) made += own;
    const samplesPerSecond = (made * 1000) / (performance.now() - started);
    if (done === total)
      dataset = arrayDataset({
        name: `generated ${spec.kind}`,
        ...{ dtype, shape, data, preprocessing, classNames },
        labels: new Int32Array(total).fill(UNLABELLED),
        ...(frames && { frames }),
      });
    const distinct = dataset === undefined ? null : distinctSamples(dataset);
    yield { type: "generate", done, total, samplesPerSecond, descent: batch.descent, distinct };
  }
  return dataset!; // there is a batch at least
}

/** @returns how many of a data set's samples differ from all others before them */
export function distinctSamples({ labels, key }: Pick<Dataset, "labels" | "key">): number {
  return new Set(Array.from(labels, (_, at) => key(at))).size;
}

/** Runs `generateSamples` to its end without showing progress. */
export async function generateAllSamples(options: GenerateOptions): Promise<Dataset> {
  const run = generateSamples(options);
  for (;;) {
    const step = await run.next();
    if (step.done) return step.value;
  }
}

interface Plan {
  readonly like: SampleLike;
  readonly spec: SettledSpec;
  readonly models: readonly Model[];
}

/** One batch after the other, from the store where it is there already. */
async function* batches(
  { runtime, threads = 1, store, signal }: GenerateOptions,
  { like, spec, models }: Plan,
): AsyncGenerator<{ readonly batch: MadeBatch; readonly isNew: boolean }> {
  const { dtype, shape } = like;
  const identity = identityOf({ like, spec, models }, threads);
  const maker = batchMaker({ runtime, threads, like, spec, models });
  try {
    for (let at = 0; at * spec.batchSize < spec.samples; at++) {
      assertNotAborted(signal, "generated samples");
      const found = store && (await readChunk(store, at, identity));
      const batch = found ? { data: found, descent: null } : await maker.make(at, signal);
      if (!found && store) {
        const samples = { dtype, shape: [spec.batchSize, ...shape], data: batch.data } as Tensor; // made as this dtype
        await writeChunk(store, at, identity, samples);
      }
      yield { batch, isNew: !found };
    }
  } finally {
    await maker.close();
  }
}

/** What the samples depend on, as 64 hex digits. */
function identityOf({ like, spec, models }: Plan, threads: number): string {
  const { dtype, shape } = like;
  const own = { spec, dtype, shape, models: models.map(modelHash) };
  const facts = spec.kind === "noise" ? own : { ...own, threads }; // which show in the last bits
  return sha256Hex(new TextEncoder().encode(JSON.stringify(facts)));
}

/** @throws ConfigError "config/missing" for a teacher that does not say */
function likeOf({ name, models }: Teacher): SampleLike {
  const [model] = models ?? [];
  if (model === undefined)
    throw new ConfigError("config/missing", {
      where: `generated samples for teacher "${name}"`,
      rule: "it must be said what samples are like: this teacher does not say",
      got: "no like",
      fix: "Give like: { dtype, shape, preprocessing, classNames }, or any data set, which is not read",
    });
  return { ...model, ...model.sample };
}

/**
 * @returns the networks that answer: members of weight 0 do not
 * @throws DataError "teacher/no-gradient" for a teacher that is more than own networks
 */
export function differentiable({
  name,
  models,
  weights,
}: Pick<Teacher, "name" | "models" | "weights">): readonly Model[] {
  if (models !== undefined) return models.filter((_, at) => weights?.[at] !== 0);
  throw new DataError("teacher/no-gradient", {
    where: `impressions of teacher "${name}"`,
    rule: "impressions are made with the teacher's gradients, which networks of Potstill's own have, and ensembles of them",
    got: "a teacher that gives answers alone",
    fix: "Take kind: noise, or give samples that nobody has labelled (data.transfer)",
  });
}
