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
import { allocate, type DataOf, elementCount } from "../engine/tensor/index.ts";
import { DataError } from "../errors/index.ts";
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
 * asks the very questions that an uninterrupted one asks. That of sample 0 is one batch.
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
 * Up to `plan.concurrency` questions are asked at once, further ones while whoever takes the
 * batches is busy writing: answers wait here, no more than a shard of them. The first is asked
 * twice, and nothing comes before it; others are asked when the second time is on its way. When one
 * fails, the others are stopped.
 *
 * @throws DataError "teacher/not-deterministic", "teacher/batch-dependent", "teacher/answer", and
 *   what the teacher throws
 */
export async function* labelBatches(work: LabelWork): AsyncGenerator<SoftLabelBatch> {
  const { dataset, plan, signal } = work;
  const own = new AbortController();
  const stop = (): void => own.abort(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  const limit = plan.concurrency + Math.ceil(plan.samplesPerShard / questionSize(work));
  const left = pieces(plan, dataset.length);
  const open: Promise<SoftLabelBatch>[] = []; // in the data's order, answered or not
  const memory: SampleMemory = [];
  let atOnce = 1;
  let asking = 0;
  const askOn = (): void => {
    while (asking < atOnce && open.length < limit && !own.signal.aborted) {
      const { value: piece } = left.next();
      if (piece === undefined) return;
      asking += 1;
      const batch = labelPiece({ ...work, signal: own.signal }, piece, { memory, onRepeated });
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
  const onRepeated = (): void => {
    atOnce = plan.concurrency;
    askOn();
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

interface Asking {
  readonly memory: SampleMemory;
  /** is called when the first question has been asked for the last time */
  readonly onRepeated: () => void;
}

/** Labels one piece in every view. */
async function labelPiece(
  work: LabelWork,
  { from, to }: Piece,
  { memory, onRepeated }: Asking,
): Promise<SoftLabelBatch> {
  const { teacher, dataset, plan, read, signal, withInputs = false } = work;
  const width = teacher.members.length * teacher.classCount;
  const logits = new Float32Array((to - from) * plan.views * width);
  const indices = indexRange(from, to);
  const own = memory.pop() ?? allocateSamples(work);
  for (let view = 0; view < plan.views; view++) {
    const question = { ...(await read(indices, view, own)), ...(signal && { signal }) };
    const isFirst = from === plan.from && view === 0;
    const rows = isFirst
      ? await repeatedLogits(teacher, question, onRepeated)
      : await teacher.logits(question); // [n, members, classes]
    assertRows(teacher, rows, (to - from) * width);
    if (plan.views === 1) logits.set(rows);
    else
      for (let row = 0; row < to - from; row++)
        logits.set(
          rows.subarray(row * width, (row + 1) * width),
          (row * plan.views + view) * width,
        );
  }
  memory.push(own);
  const keys = keysOf(dataset, indices);
  const labels = dataset.labels.subarray(from, to);
  if (!withInputs) return { keys, labels, logits };
  const inputs = allocate(dataset.dtype, (to - from) * elementCount(dataset.shape));
  await dataset.gather(indices, inputs);
  const groups = dataset.groups?.slice(from, to);
  return { keys, labels, logits, inputs, ...(groups && { groups }) };
}

/** @returns samples in the largest question */
function questionSize({ plan, dataset }: Pick<LabelWork, "plan" | "dataset">): number {
  const { batchSize, batchesPerQuestion, samplesPerShard } = plan;
  return Math.min(batchSize * batchesPerQuestion, samplesPerShard, dataset.length);
}

function allocateSamples(work: LabelWork): DataOf[SampleDType] {
  const { dtype, shape } = seenByTeacher(work.dataset);
  return allocate(dtype, questionSize(work) * elementCount(shape));
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
