/** @file Training that blows up stops, says where, and leaves the last good state. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeBatches, memoryStore } from "../data/index.ts";
import { constant } from "../engine/graph/index.ts";
import { add, log, sub } from "../engine/ops/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { scalar } from "../engine/tensor/index.ts";
import { assembleSlabs, isFiniteState, openStepRunner } from "../engine/train/index.ts";
import { freshStart, type Job, prepareJob, runJob } from "./job.ts";
import { softTargetLoss } from "./losses/index.ts";
import type { DistillationLoss } from "./objective.ts";
import { data, failure, finish, placeIn, randomTeacher, tinyJob } from "./small-problem.cases.ts";
import type { Teacher } from "./teachers/index.ts";
import { loadCheckpoint } from "./training/checkpoint.ts";

let runtime: Runtime;
let teacher: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await randomTeacher(runtime);
});
afterAll(() => runtime.close());

/** The soft term has log(T − 2) in it: not a number once the temperature has sunk below 2. */
const failing: DistillationLoss = (s, t, { sampleWeights, temperature }) => {
  const spoiled = log(sub(temperature, constant(scalar("float32", 2))));
  return add(softTargetLoss(s, t, { sampleWeights }), spoiled);
};

/** T = 1.1 + 4.9 (1 − step / 15): below 2 from step 13 on, the fourth of the third epoch. */
async function failingJob(): Promise<Job> {
  const temperature = { kind: "linear", value: 6, final: 1.1 } as const;
  const job = await tinyJob(teacher, { distillation: { temperature } });
  return { ...job, soft: { ...job.soft!, loss: failing } };
}

const prefix = "checkpoint/";

describe("a term that is not a number at step 13", () => {
  test("stops the run and is named, with its batch", async () => {
    const job = await failingJob();
    const { code, message, details } = await failure(finish(runJob(job, { runtime })));
    const { indices } = makeBatches({ length: 70, batchSize: 16, seed: 1 }).at(13);
    const shown = [...indices.subarray(0, 8)].join(", ");
    expect(code).toBe("run/non-finite");
    expect(message).toBe(
      `student, step 13 (epoch 3, batch of 16 samples: ${shown}, …): every loss term and weight must stay finite, got soft = NaN. Lower the learning rate, clip the gradient norm, or look at the samples of this batch.`,
    );
    expect(details).toMatchObject({
      job: "student",
      step: 13,
      epoch: 3,
      term: "soft",
      value: "NaN",
    });
    expect(details.indices).toEqual([...indices]);
    expect(details.keys).toEqual([...indices].map((index) => data.train.key(index)));
  });

  test("padding is no part of the batch", async () => {
    const job = await failingJob();
    const temperature = { kind: "linear", value: 2.6, final: 1.1 } as const; // below 2 from step 7
    const early = { ...job, soft: { ...job.soft!, spec: { temperature } } };
    const found = async (batchSize: number) => {
      const training = { ...job.training, batchSize };
      return (await failure(finish(runJob({ ...early, training }, { runtime })))).details;
    };
    const full = await found(16);
    expect(full.indices).toHaveLength(16);
    const padded = await found(64); // 70 = 64 + 6, six steps in all: below 2 from step 3, which has 6
    expect(padded.step).toBe(3);
    expect(padded.indices).toHaveLength(6);
  });

  test("the checkpoint is that of step 13's eve: state, sums, and events up to it", async () => {
    const job = await failingJob();
    const store = memoryStore();
    const seen: number[] = [];
    const run = runJob(job, { runtime, place: placeIn(store) });
    const watch = async (): Promise<void> => {
      for await (const event of run)
        if (event.type === "steps")
          seen.push(...Array.from(event.metrics.loss!, (_, i) => event.from + i));
    };
    await failure(watch());
    expect(seen).toEqual(Array.from({ length: 13 }, (_, step) => step));
    const { progress } = (await loadCheckpoint(store, prefix))!;
    const prepared = prepareJob(job);
    const runner = await openStepRunner(runtime, prepared.step, freshStart(prepared, 1).state);
    const { metrics } = await runner.run(await assembleSlabs(prepared.feed, 0, 13), 13);
    expect(progress.step).toBe(13);
    expect(progress.history).toHaveLength(2);
    expect(progress.state).toEqual(await runner.state());
    expect(progress.epochSums.soft).toBe(
      [...metrics.soft!.subarray(10)].reduce((a, b) => a + b, 0),
    );
  });

  test("resuming finds the same step", async () => {
    const job = await failingJob();
    const store = memoryStore();
    const first = await failure(finish(runJob(job, { runtime, place: placeIn(store) })));
    const again = await failure(finish(runJob(job, { runtime, place: placeIn(store) })));
    expect(again).toEqual(first);
  });
});

describe("a learning rate of a million", () => {
  test.each([{ name: "sgd" }, { name: "sgd", momentum: 0.9 }] as const)(
    "%o: named, with a finite state in the checkpoint",
    async (optimizer) => {
      const training = { epochs: 20, batchSize: 16, learningRate: 1e6, optimizer };
      const student = { family: "mlp", hidden: [8, 8], activation: "leakyRelu" } as const;
      const job = await tinyJob(teacher, { student, training });
      const store = memoryStore();
      const { code, details } = await failure(
        finish(runJob(job, { runtime, place: placeIn(store), checkpointSeconds: 0 })),
      );
      expect(code).toBe("run/non-finite");
      expect(details.term).toMatch(/^(hard|soft)$/);
      expect(details.indices).toHaveLength(16);
      const { progress } = (await loadCheckpoint(store, prefix))!;
      expect(progress.step).toBeLessThanOrEqual(Number(details.step));
      expect(isFiniteState(progress.state)).toBe(true);
    },
  );
});

test("weights spoiled by the last step of an epoch are caught by validation", async () => {
  const job = await tinyJob(teacher, {
    training: { epochs: 1, batchSize: 70, learningRate: 1e38, optimizer: { name: "sgd" } },
  });
  const { code, message, details } = await failure(finish(runJob(job, { runtime })));
  expect(code).toBe("run/non-finite");
  expect(message).toContain("student, validation after step 0 (epoch 1): ");
  expect(details).toMatchObject({ term: "validationLoss", step: 0 });
});

test("a state that a step has spoiled unseen never becomes a checkpoint", async () => {
  // eight steps; the learning rate jumps to infinity at step 3, the last of the first call, whose
  // own terms are still finite
  const learningRate = { kind: "step", value: 0.01, at: [3 / 8], factor: 1e44 } as const;
  const training = { epochs: 1, batchSize: 9, learningRate, optimizer: { name: "sgd" } } as const;
  const job = await tinyJob(teacher, { training });
  const store = memoryStore();
  const run = finish(runJob(job, { runtime, place: placeIn(store), checkpointSeconds: 0 }));
  expect((await failure(run)).details.step).toBe(4);
  expect(await loadCheckpoint(store, prefix)).toBeUndefined();
});
