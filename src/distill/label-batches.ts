/**
 * @file Asks a teacher for batch after batch, several at once if it allows, and gives the answers
 * in the data's order.
 */

import {
  type Dataset,
  type SampleDType,
  type SoftLabelBatch,
  seenByTeacher,
} from "../data/index.ts";
import { DataError } from "../errors/index.ts";
import { allocate, type DataOf, elementCount } from "../tensor/index.ts";
import { indexRange, keysOf, type SampleReader } from "./sample-reader.ts";
import { repeatedLogits, type Teacher } from "./teachers/index.ts";

/** How the data set is cut. */
export interface LabelPlan {
  /** first sample not labelled yet, the start of a shard */
  readonly from: number;
  readonly batchSize: number;
  /** at most; the last questions have fewer, so that who answers them ends with the others */
  readonly batchesPerQuestion: number;
  readonly samplesPerShard: number;
  /** questions that are open at once */
  readonly concurrency: number;
  readonly views: number;
}

export interface LabelWork {
  readonly teacher: Teacher;
  readonly dataset: Dataset;
  readonly plan: LabelPlan;
  readonly read: SampleReader;
  readonly withInputs?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Memory for a question's samples, free for the next one: memory made for each would have V8 search
 * for garbage about every 32 MB.
 */
type SampleMemory = DataOf[SampleDType][];

/** Samples `from` … `to - 1`. */
interface Piece {
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts samples into questions that never cross a shard's end, so that a run that resumes at a shard
 * asks the very questions that an uninterrupted one asks. The first is one batch.
 */
export function* pieces(
  { from, batchSize, batchesPerQuestion, samplesPerShard, concurrency }: Omit<LabelPlan, "views">,
  total: number,
): Generator<Piece> {
  for (let at = from; at < total; ) {
    const shardEnd = (Math.floor(at / samplesPerShard) + 1) * samplesPerShard;
    const share = Math.max(1, Math.floor((total - at) / (batchSize * concurrency)));
    const batches = at === 0 ? 1 : Math.min(batchesPerQuestion, share);
    const to = Math.min(at + batches * batchSize, shardEnd, total);
    yield { from: at, to };
    at = to;
  }
}

/**
 * Up to `plan.concurrency` questions are asked at once, further ones while whoever takes the batches
 * is busy writing: answers wait here, no more than a shard of them. The first is asked twice, and
 * nothing comes before it. When one fails, the others are stopped.
 *
 * @throws DataError "teacher/not-deterministic", "teacher/answer", and what the teacher throws
 */
export async function* labelBatches(work: LabelWork): AsyncGenerator<SoftLabelBatch> {
  const { dataset, plan, signal } = work;
  const own = new AbortController();
  const stop = (): void => own.abort(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  const memory: SampleMemory = [];
  const { concurrency, samplesPerShard } = plan;
  const limit = Math.max(concurrency, Math.ceil(samplesPerShard / questionSize(plan)));
  const left = pieces(plan, dataset.length);
  const open: Promise<SoftLabelBatch>[] = []; // in the data's order, answered or not
  let asking = 0;
  const askOn = (): void => {
    while (asking < concurrency && open.length < limit && !own.signal.aborted) {
      const { value: piece } = left.next();
      if (piece === undefined) return;
      asking += 1;
      const batch = labelPiece({ ...work, signal: own.signal }, piece, memory);
      open.push(batch);
      batch.then(
        () => {
          asking -= 1;
          askOn();
        },
        () => {}, // it is awaited below, in its turn; nothing more is asked
      );
    }
  };
  try {
    for (askOn(); open.length > 0; askOn()) {
      yield await open[0]!; // just counted
      void open.shift(); // awaited just now
    }
  } finally {
    own.abort();
    signal?.removeEventListener("abort", stop);
    await Promise.allSettled(open);
  }
}

/** Labels one piece in every view. */
async function labelPiece(
  work: LabelWork,
  { from, to }: Piece,
  memory: SampleMemory,
): Promise<SoftLabelBatch> {
  const { dataset, plan, withInputs = false } = work;
  const indices = indexRange(from, to);
  const own = memory.pop() ?? allocateSamples(work);
  const views: Float32Array[] = []; // each [n, members, classes]
  for (let view = 0; view < plan.views; view++)
    views.push(await askView(work, indices, { view, memory: own }));
  memory.push(own);
  const logits = interleaved(views, to - from);
  const keys = keysOf(dataset, indices);
  const labels = dataset.labels.subarray(from, to);
  if (!withInputs) return { keys, labels, logits };
  const inputs = allocate(dataset.dtype, (to - from) * elementCount(dataset.shape));
  await dataset.gather(indices, inputs);
  const groups = dataset.groups?.slice(from, to);
  return { keys, labels, logits, inputs, ...(groups && { groups }) };
}

const questionSize = ({ batchSize, batchesPerQuestion }: LabelPlan): number =>
  batchSize * batchesPerQuestion;

function allocateSamples({ dataset, plan }: LabelWork): DataOf[SampleDType] {
  const { dtype, shape } = seenByTeacher(dataset);
  return allocate(dtype, questionSize(plan) * elementCount(shape));
}

/** @returns float32 [n, members, classes] */
async function askView(
  { teacher, plan, read, signal }: LabelWork,
  indices: Int32Array,
  { view, memory }: { readonly view: number; readonly memory: DataOf[SampleDType] },
): Promise<Float32Array> {
  const question = { ...(await read(indices, view, memory)), ...(signal && { signal }) };
  const isFirst = indices[0] === plan.from && view === 0;
  const rows = await (isFirst ? repeatedLogits(teacher, question) : teacher.logits(question));
  assertRows(teacher, rows, indices.length * teacher.members.length * teacher.classCount);
  return rows;
}

/** @returns [n, views, ...] of views [n, ...] */
function interleaved(views: readonly Float32Array[], samples: number): Float32Array {
  const [first] = views;
  if (first !== undefined && views.length === 1) return first;
  const all = new Float32Array(views.reduce((total, { length }) => total + length, 0));
  const width = all.length / (samples * views.length);
  for (const [view, rows] of views.entries())
    for (let row = 0; row < samples; row++)
      all.set(rows.subarray(row * width, (row + 1) * width), (row * views.length + view) * width);
  return all;
}

function assertRows({ name }: Teacher, rows: Float32Array, expected: number): void {
  if (rows.length === expected) return;
  throw new DataError("teacher/answer", {
    where: `teacher "${name}"`,
    rule: `a batch must get ${expected} logits, [samples, members, classes]`,
    got: `${rows.length}`,
    fix: "Correct the teacher",
    details: { expected, got: rows.length },
  });
}
