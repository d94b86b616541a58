/** @file Stopped anywhere and resumed, a run gives the bytes of the run that was never stopped. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryStore, type Store } from "../data/index.ts";
import { constant } from "../engine/graph/index.ts";
import { gemm } from "../engine/ops/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { type Job, type JobContext, type JobResult, runJob } from "./job.ts";
import { type LogitLoss, softTargetLoss } from "./losses/index.ts";
import type { DistillOptions, DistillResult } from "./options.ts";
import { runDistillation } from "./run-distillation.ts";
import {
  contentsOf,
  failure,
  finish,
  outcome,
  placeIn,
  randomTeacher,
  tinyJob,
  tinyRun,
} from "./small-problem.cases.ts";
import type { Teacher } from "./teachers/index.ts";
import { writeModel } from "./training/model-file.ts";

let runtime: Runtime;
let teacher: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await randomTeacher(runtime);
});
afterAll(() => runtime.close());

const everyCall = { checkpointSeconds: 0 };

/**
 * Batch normalisation and dropout, momentum, clipping, a schedule, views: all that a state can be
 * made of.
 */
const hardCase = (threads: number): Promise<Job> =>
  tinyJob(
    teacher,
    {
      student: { family: "mlp", hidden: [10], dropout: 0.3 },
      training: {
        epochs: 4,
        batchSize: 8,
        threads,
        clipNorm: 1,
        optimizer: { name: "adam" },
        learningRate: { kind: "cosine", value: 0.02, warmup: 0.2 },
      },
      distillation: { temperature: { kind: "linear", value: 6, final: 2 } },
    },
    { views: { count: 3, seed: 1, augmentation: { shift: 1 } } },
  );

async function whole(job: Job): Promise<unknown> {
  return outcome((await finish(runJob(job, { runtime }))).value);
}

/** Aborts after the n-th "steps" event; resumes with the same store until done. */
async function interruptedEvery(
  job: Job,
  calls: number,
): Promise<{ result: JobResult; stops: number }> {
  const store = memoryStore();
  for (let stops = 0; ; stops++) {
    const stop = new AbortController();
    const run = runJob(job, { runtime, place: placeIn(store), signal: stop.signal, ...everyCall });
    let seen = 0;
    try {
      for (;;) {
        const next = await run.next();
        if (next.done === true) return { result: next.value, stops };
        if (next.value.type === "steps" && ++seen === calls) stop.abort();
      }
    } catch (cause) {
      expect(cause).toMatchObject({ code: "run/interrupted" });
    }
  }
}

describe.each([1, 2])("at %i thread(s)", (threads) => {
  test("aborted after every call, and resumed each time", async () => {
    const job = await hardCase(threads);
    const { result, stops } = await interruptedEvery(job, 1);
    expect(stops).toBeGreaterThan(6);
    expect(outcome(result)).toEqual(await whole(job));
  });

  test("dropped without a word at every event", async () => {
    const job = await hardCase(threads);
    const expected = await whole(job);
    const total = (
      await finish(runJob(job, { runtime, place: placeIn(memoryStore()), ...everyCall }))
    ).events;
    for (let cut = 1; cut <= total.length; cut += 2) {
      const store = memoryStore();
      const run = runJob(job, { runtime, place: placeIn(store), ...everyCall });
      for (let event = 0; event < cut; event++) await run.next();
      const resumed = await finish(runJob(job, { runtime, place: placeIn(store), ...everyCall })); // the first one is never asked again
      expect(outcome(resumed.value)).toEqual(expected);
      await run.return(undefined as never);
    }
  });
});

test("how steps are cut into calls does not show", async () => {
  const job = await hardCase(1);
  const slow: Runtime = {
    ...runtime,
    load: async (model, options) => {
      const session = await runtime.load(model, options);
      const late = async (...args: Parameters<typeof session.run>) => {
        const result = await session.run(...args);
        await new Promise((done) => setTimeout(done, 60)); // calls of 700 ms: fewer steps each
        return result;
      };
      return { ...session, run: late };
    },
  };
  const short = { ...job, training: { ...job.training, epochs: 2 } };
  const run = await finish(runJob(short, { runtime: slow }));
  expect(outcome(run.value)).toEqual(await whole(short));
});

/** What a store wrapper throws where the process would have died. */
class Crash extends Error {}

/** Dies at the k-th operation that changes the store: before it, or once it is done. */
function mortal(
  store: Store,
  dieAt: number,
  after: boolean,
): Store & { readonly count: () => number } {
  let operations = 0;
  let isDead = false;
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDead) throw new Crash("dead already");
    operations += 1;
    const isLast = operations === dieAt;
    if (isLast) isDead = true;
    if (isLast && !after) throw new Crash(`before operation ${dieAt}`);
    const result = await work();
    if (isLast) throw new Crash(`after operation ${dieAt}`);
    return result;
  };
  return {
    ...store,
    write: (name, bytes) => step(() => store.write(name, bytes)),
    append: (name, bytes) => step(() => store.append(name, bytes)),
    truncate: (name, length) => step(() => store.truncate(name, length)),
    remove: (name) => step(() => store.remove(name)),
    count: () => operations,
  };
}

describe("a crash between any two changes of the store", () => {
  test.each([1, 2])(
    "one job, keeping %i checkpoints: the same result, and no other files",
    async (keepCheckpoints) => {
      const long = await hardCase(1);
      const job = { ...long, training: { ...long.training, epochs: 2 } };
      const context: JobContext = { runtime, ...everyCall, keepCheckpoints };
      const clean = mortal(memoryStore(), Number.POSITIVE_INFINITY, false);
      const expected = outcome(
        (await finish(runJob(job, { ...context, place: placeIn(clean) }))).value,
      );
      const files = await contentsOf(clean);
      for (let at = 1; at <= clean.count(); at++)
        for (const after of [false, true]) {
          const store = memoryStore();
          const first = finish(
            runJob(job, { ...context, place: placeIn(mortal(store, at, after)) }),
          );
          const crash = await first.then(
            () => undefined,
            (cause: unknown) => cause,
          );
          expect(crash === undefined || crash instanceof Crash).toBe(true); // a faster run may write less
          const resumed = await finish(runJob(job, { ...context, place: placeIn(store) }));
          expect(outcome(resumed.value)).toEqual(expected);
          expect(await contentsOf(store)).toEqual(files);
        }
    },
  );

  test("a whole run with a trained teacher, labelling and two arms", async () => {
    const network = { family: "mlp", hidden: [10] } as const;
    const training = { epochs: 2, batchSize: 32, learningRate: 0.01 };
    const start = (store: Store): Promise<{ value: DistillResult }> => {
      const more: Partial<DistillOptions> = { training, store, ...everyCall };
      const source = { kind: "train", teacher: { network, training } } as const;
      return finish(runDistillation(tinyRun(runtime, source, more)));
    };
    const clean = mortal(memoryStore(), Number.POSITIVE_INFINITY, false);
    const student = (await start(clean)).value.student.bytes;
    const files = await contentsOf(clean);
    for (let at = 1; at <= clean.count(); at++) {
      const store = memoryStore();
      await start(mortal(store, at, at % 2 === 0)).catch((cause) =>
        expect(cause).toBeInstanceOf(Crash),
      );
      expect((await start(store)).value.student.bytes).toEqual(student);
      expect(await contentsOf(store)).toEqual(files);
    }
  });
});

describe("files of another job", () => {
  test.each<[string, (job: Job) => Job | Promise<Job>]>([
    ["another seed", (job) => ({ ...job, seed: 2 })],
    [
      "another learning rate",
      (job) => ({ ...job, training: { ...job.training, learningRate: 0.5 } }),
    ],
    ["another network", (job) => ({ ...job, network: { family: "mlp", hidden: [9] } })],
    [
      "another temperature",
      (job) => ({ ...job, soft: { ...job.soft!, spec: { temperature: 2 } } }),
    ],
    ["another teacher", async () => tinyJob(await randomTeacher(runtime, 9))],
  ])("%s is refused, from the checkpoint and from the result", async (_, change) => {
    const job = await tinyJob(teacher);
    const store = memoryStore();
    const stop = AbortSignal.abort();
    await failure(finish(runJob(job, { runtime, place: placeIn(store), signal: stop })));
    const other = await change(job);
    expect((await failure(finish(runJob(other, { runtime, place: placeIn(store) })))).code).toBe(
      "run/other-settings",
    );
    const result = await finish(runJob(job, { runtime, place: placeIn(store) }));
    expect((await failure(finish(runJob(other, { runtime, place: placeIn(store) })))).code).toBe(
      "run/other-settings",
    );
    const again = await finish(runJob(job, { runtime, place: placeIn(store) }));
    expect(again.events).toEqual([]);
    expect(writeModel(again.value.model)).toEqual(writeModel(result.value.model));
  });

  test("a loss of one's own that differs in the last number of a tensor is refused", async () => {
    const job = await tinyJob(teacher);
    const withLast = (last: number): Job => {
      const mix = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, last);
      const loss: LogitLoss = (student, asked, options) =>
        softTargetLoss(
          gemm(student, constant({ dtype: "float32", shape: [3, 3], data: mix })),
          asked,
          options,
        );
      return { ...job, soft: { ...job.soft!, loss } };
    };
    const store = memoryStore();
    await finish(runJob(withLast(1), { runtime, place: placeIn(store) }));
    expect((await finish(runJob(withLast(1), { runtime, place: placeIn(store) }))).events).toEqual(
      [],
    );
    expect(
      (await failure(finish(runJob(withLast(2), { runtime, place: placeIn(store) })))).code,
    ).toBe("run/other-settings");
  });

  test("the same settings in another order go on", async () => {
    const job = await tinyJob(teacher);
    const reversed = <T extends object>(value: T): T =>
      Object.fromEntries(Object.entries(value).reverse()) as T; // the same entries
    const store = memoryStore();
    const result = await finish(runJob(job, { runtime, place: placeIn(store) }));
    const { soft, training, network } = job;
    const other = {
      ...reversed(job),
      training: reversed(training),
      network: reversed(network),
      soft: { ...soft!, spec: reversed(soft!.spec) },
    };
    const again = await finish(runJob(other, { runtime, place: placeIn(store) }));
    expect(again.events).toEqual([]);
    expect(writeModel(again.value.model)).toEqual(writeModel(result.value.model));
  });
});
