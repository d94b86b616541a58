/**
 * @file Asks a teacher for batch after batch, several at once if it allows, and gives the answers
 * in the data's order.
 */

import type { Dataset, SoftLabelBatch } from "../data/index.ts";
import { DataError } from "../errors/index.ts";
import { allocate, elementCount } from "../tensor/index.ts";
import { indexRange, type SampleReader } from "./sample-reader.ts";
import type { Teacher } from "./teachers/index.ts";

/** How the data set is cut. */
export interface LabelPlan {
  /** first sample not labelled yet, the start of a shard */
  readonly from: number;
  readonly batchSize: number;
  readonly samplesPerShard: number;
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

/** Samples `from` … `to - 1`. */
interface Piece {
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts samples into batches that never cross a shard's end, so that a run that resumes at a shard
 * asks the very batches that an uninterrupted one asks.
 */
export function* pieces(
  { from, batchSize, samplesPerShard }: Omit<LabelPlan, "views">,
  total: number,
): Generator<Piece> {
  for (let at = from; at < total; ) {
    const shardEnd = (Math.floor(at / samplesPerShard) + 1) * samplesPerShard;
    const to = Math.min(at + batchSize, shardEnd, total);
    yield { from: at, to };
    at = to;
  }
}

/**
 * Up to `teacher.workload.concurrency` batches are asked at once, further ones while whoever takes
 * the batches is busy writing: answers wait here, no more than a shard of them. When one fails, the
 * others are stopped.
 */
export async function* labelBatches(work: LabelWork): AsyncGenerator<SoftLabelBatch> {
  const { teacher, dataset, plan, signal } = work;
  const own = new AbortController();
  const stop = (): void => own.abort(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  const { concurrency } = teacher.workload;
  const limit = Math.max(concurrency, Math.ceil(plan.samplesPerShard / plan.batchSize));
  const left = pieces(plan, dataset.length);
  const open: Promise<SoftLabelBatch>[] = []; // in the data's order, answered or not
  let asking = 0;
  const askOn = (): void => {
    while (asking < concurrency && open.length < limit && !own.signal.aborted) {
      const { value: piece } = left.next();
      if (piece === undefined) return;
      asking += 1;
      const batch = labelPiece(work, piece, own.signal);
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
  { teacher, dataset, plan, read, withInputs = false }: LabelWork,
  { from, to }: Piece,
  signal: AbortSignal,
): Promise<SoftLabelBatch> {
  const width = teacher.members.length * teacher.classCount;
  const logits = new Float32Array((to - from) * plan.views * width);
  for (let view = 0; view < plan.views; view++) {
    const batch = await read(indexRange(from, to), view);
    const rows = await teacher.logits({ ...batch, signal }); // [n, members, classes]
    assertRows(teacher, rows, (to - from) * width);
    if (plan.views === 1) logits.set(rows);
    else
      for (let row = 0; row < to - from; row++)
        logits.set(
          rows.subarray(row * width, (row + 1) * width),
          (row * plan.views + view) * width,
        );
  }
  const keys = Array.from(indexRange(from, to), (index) => dataset.key(index));
  const labels = dataset.labels.subarray(from, to);
  if (!withInputs) return { keys, labels, logits };
  const inputs = allocate(dataset.dtype, (to - from) * elementCount(dataset.shape));
  await dataset.gather(indexRange(from, to), inputs);
  const groups = dataset.groups?.slice(from, to);
  return { keys, labels, logits, inputs, ...(groups && { groups }) };
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
