/** @file A function as teacher: a model behind any library or HTTP API. */

import { defaultPreprocessing, type Preprocessing, type SampleDType } from "../../data/index.ts";
import { elementCount, type Shape, type Tensor } from "../../engine/tensor/index.ts";
import { ConfigError, RunError } from "../../errors/index.ts";
import { answerLogits, type TeacherAnswer } from "./answer.ts";
import { preprocessOnHost } from "./host-preprocessing.ts";
import { AttemptsFailed, makeLimiter, withRetries } from "./retry.ts";
import type { Teacher, TeacherBatch } from "./teacher.ts";

/** What the function is asked. */
export interface Question {
  /** as stored: uint8, float32 or int32 [n, ...sample shape] */
  readonly samples: Tensor<SampleDType>;
  /** preprocessed: value · scale + offset, float32 [n, ...sample shape] */
  readonly values: Float32Array;
  /** [n, ...sample shape] */
  readonly shape: Shape;
  /** content key of each sample; with teacher inputs, of what the teacher sees of it */
  readonly keys: readonly string[];
  /** which augmentation view these are */
  readonly view: number;
  /** sample numbers in the data set, where they are known */
  readonly indices?: readonly number[];
  /** fires at the time limit and when the work is stopped: hand it to fetch() */
  readonly signal: AbortSignal;
}

export interface FunctionTeacherOptions {
  readonly name: string;
  /**
   * identity of what answers, for example the API's model version: another hash means other soft
   * labels
   */
  readonly hash: string;
  readonly classCount: number;
  readonly classNames?: readonly string[];
  /**
   * @returns logits or probabilities, [n, classes], row by row or flat
   */
  readonly ask: (question: Question) => Promise<TeacherAnswer>;
  /** samples in one question; default 64 */
  readonly batchSize?: number;
  /** questions open at once; default 4 */
  readonly concurrency?: number;
  /** attempts after a failed one; default 5 */
  readonly retries?: number;
  /** wait before the first repetition, doubled for each further one; default 250 */
  readonly backoffMs?: number;
  /** time limit of one attempt; default 60000 */
  readonly timeoutMs?: number;
  /** default: the data set's */
  readonly preprocessing?: Preprocessing;
  /** samples that an interruption may cost; default 4 · batchSize · concurrency, at most 4096 */
  readonly samplesPerShard?: number;
  /**
   * false if the same question may be answered differently: then it is not checked, and a resumed
   * run is not byte-equal
   */
  readonly isRepeatable?: boolean;
}

/**
 * A teacher that asks a function. Questions are cut to `batchSize`, at most `concurrency` are open
 * at once, failed ones are repeated after backoffMs · 2^k. Answers are put in the order of the
 * samples, however late they come.
 *
 * @throws ConfigError "config/range" for options out of range. From `logits`: RunError
 *   "run/teacher-failed" when a question failed retries + 1 times, "run/aborted"; DataError
 *   "teacher/answer", "teacher/undeclared-probabilities"
 * @example
 *   const teacher = functionTeacher({ name: "api", hash: "model-7", classCount: 10,
 *     ask: async ({ values, shape, signal }) => ({ probabilities: await post(url, values, shape,
 *     signal) }) });
 */
export function functionTeacher(options: FunctionTeacherOptions): Teacher {
  const { name, hash, classCount, batchSize = 64, concurrency = 4 } = options;
  const samplesPerShard = options.samplesPerShard ?? Math.min(4096, 4 * batchSize * concurrency);
  assertOptions(options);
  const limit = makeLimiter(concurrency);
  const logits = async (batch: TeacherBatch): Promise<Float32Array> => {
    const parts = cut(batch, batchSize).map((part) => limit(() => askOnce(options, part)));
    await Promise.allSettled(parts); // no attempt goes on behind the back of the one that failed
    const answers = await Promise.all(parts); // [part][rows · classes]
    const joined = new Float32Array(batch.keys.length * classCount);
    for (const [index, answer] of answers.entries())
      joined.set(answer, index * batchSize * classCount);
    return joined; // [n, 1, classes]
  };
  return {
    name,
    hash,
    members: [{ name, hash, kind: "logits" }],
    combine: "arithmetic",
    classCount,
    classNames: options.classNames ?? null,
    parameters: null,
    macs: null,
    bytes: null,
    summary: null,
    workload: {
      batchSize,
      concurrency,
      samplesPerShard,
      isRepeatable: options.isRepeatable ?? true,
    },
    logits,
    currentHash: () => hash,
    close: async () => {},
  };
}

/** @returns the batch in pieces of `size` samples, the last perhaps smaller */
function cut(batch: TeacherBatch, size: number): readonly TeacherBatch[] {
  const { dtype, shape, data } = batch.samples;
  const sample = shape.slice(1);
  const each = elementCount(sample);
  const count = batch.keys.length;
  return Array.from({ length: Math.ceil(count / size) }, (_, piece) => {
    const from = piece * size;
    const to = Math.min(from + size, count);
    return {
      ...batch,
      samples: { dtype, shape: [to - from, ...sample], data: data.slice(from * each, to * each) },
      keys: batch.keys.slice(from, to),
      ...(batch.indices && { indices: batch.indices.slice(from, to) }),
    };
  });
}

/** @returns float32 [n, classes] */
async function askOnce(
  options: FunctionTeacherOptions,
  batch: TeacherBatch,
): Promise<Float32Array> {
  const { samples, keys, view, indices } = batch;
  const preprocessing =
    options.preprocessing ?? batch.preprocessing ?? defaultPreprocessing(samples.dtype);
  const where = `teacher "${options.name}", ${batchName(batch)}`;
  const values = preprocessOnHost(samples.data, preprocessing);
  const question = {
    samples,
    values: values === samples.data ? values.slice() : values, // the function may write into them
    shape: samples.shape,
    keys,
    view,
    ...(indices && { indices }),
  };
  const { retries = 5, backoffMs = 250, timeoutMs = 60_000 } = options;
  try {
    const answer = await withRetries((signal) => options.ask({ ...question, signal }), {
      retries,
      backoffMs,
      timeoutMs,
      signal: batch.signal,
    });
    return answerLogits(where, answer, { rows: keys.length, classes: options.classCount });
  } catch (cause) {
    if (!(cause instanceof AttemptsFailed)) throw cause;
    throw new RunError("run/teacher-failed", {
      where,
      rule: `the teacher function must answer in one of ${cause.attempts} attempts`,
      got: cause.message,
      fix: "See that the service is there, then run again: finished shards are kept and labelling resumes",
      details: { keys, view, attempts: cause.attempts },
      cause: cause.cause,
    });
  }
}

function batchName({ keys, indices, view }: TeacherBatch): string {
  const range =
    indices === undefined
      ? `${keys.length} samples from key ${keys[0]}`
      : `samples ${indices[0]} to ${indices.at(-1)}`;
  return `${range}, view ${view}`;
}

function assertOptions(options: FunctionTeacherOptions): void {
  const { classCount, batchSize, concurrency, retries, backoffMs, timeoutMs } = options;
  const atLeast = { classCount: 2, batchSize: 1, concurrency: 1, retries: 0 };
  const given = { classCount, batchSize, concurrency, retries, backoffMs, timeoutMs };
  for (const [option, value] of Object.entries(given)) {
    if (value === undefined) continue;
    // the lookup is by a name that may not be there: times have no lower bound but 0
    const least = (atLeast as Readonly<Record<string, number>>)[option];
    const isRight = least === undefined ? value >= 0 : Number.isInteger(value) && value >= least;
    if (isRight && Number.isFinite(value)) continue;
    throw new ConfigError("config/range", {
      where: `functionTeacher "${options.name}"`,
      rule: `${option} must be ${least === undefined ? "0 or more" : `an integer ≥ ${least}`}`,
      got: String(value),
      fix: `Correct ${option}`,
      details: { option, value },
    });
  }
}
