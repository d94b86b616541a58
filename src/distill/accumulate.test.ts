import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryStore, type Store } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import type { StepsEvent } from "../engine/train/index.ts";
import { isDistillError } from "../errors/index.ts";
import { type Job, type JobContext, type JobResult, prepareJob, runJob } from "./job.ts";
import { distillationLosses } from "./losses/index.ts";
import { runDistillation } from "./run-distillation.ts";
import {
  data,
  failure,
  finish,
  placeIn,
  randomTeacher,
  tinyJob,
  tinyRun,
} from "./small-problem.cases.ts";
import { writeModel } from "./training/model-file.ts";
import type { NamedLossSpec, TrainingSpec } from "./training-spec.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const base: TrainingSpec = {
  epochs: 3,
  batchSize: 24, // 70 samples: the last batch is padded, and so is one of its parts, whole
  optimizer: { name: "adam" },
  learningRate: { kind: "cosine", value: 0.01 },
  clipNorm: 0.5,
};

function job(training: TrainingSpec): Job {
  const { train, validation } = data;
  return {
    id: "one",
    network: { family: "mlp", hidden: [8] },
    train,
    validation,
    training,
    seed: 3,
  };
}

async function trained(
  training: TrainingSpec,
  context: Partial<JobContext> = {},
  onStep: () => void = () => undefined,
): Promise<{ readonly result: JobResult; readonly steps: readonly StepsEvent[] }> {
  const events = runJob(job(training), { runtime, ...context });
  const steps: StepsEvent[] = [];
  for (;;) {
    const { done, value } = await events.next();
    if (done === true) return { result: value, steps };
    if (value.type === "steps") steps.push(value);
    if (value.type === "steps") onStep();
  }
}

function weightsOf({ model }: JobResult): number[] {
  return [...model.weights.values()].flatMap(({ data: values }) =>
    Array.from(values as Float32Array),
  );
}

function metricsOf(steps: readonly StepsEvent[], name: string): number[] {
  return steps.flatMap(({ metrics }) => [...metrics[name]!]);
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at]!)), 0);
}

// float32 sums in another order; Adam's division by the root of the second moment enlarges it
const tolerance = 2e-5;

test.each([2, 3, 24])(
  "%d parts of a batch make the step of the whole batch",
  async (accumulate) => {
    const whole = await trained(base);
    const parts = await trained({ ...base, accumulate });
    expect(largestDifference(weightsOf(parts.result), weightsOf(whole.result))).toBeLessThan(
      tolerance,
    );
    for (const name of ["loss", "hard", "gradientNorm"]) {
      const [a, b] = [metricsOf(parts.steps, name), metricsOf(whole.steps, name)];
      expect(a.length).toBe(9); // three optimiser steps an epoch, three epochs
      expect(largestDifference(a, b)).toBeLessThan(tolerance);
    }
    expect(parts.steps.map(({ totalSteps }) => totalSteps).every((total) => total === 9)).toBe(
      true,
    );
    const rates = (steps: readonly StepsEvent[]) => steps.flatMap((s) => [...s.learningRates]);
    expect(rates(parts.steps)).toEqual(rates(whole.steps));
  },
);

test("interrupted anywhere and resumed: the same bytes", async () => {
  const training = { ...base, accumulate: 3 };
  const { result } = await trained(training);
  const store: Store = memoryStore();
  const stopping = new AbortController();
  const context = { place: placeIn(store), signal: stopping.signal, checkpointSeconds: 0 };
  const error: unknown = await trained(training, context, () => stopping.abort()).catch((e) => e);
  expect(isDistillError(error) && error.code).toBe("run/interrupted");
  const resumed = await trained(training, { place: placeIn(store) });
  expect(resumed.steps[0]!.from).toBeGreaterThan(0);
  expect(writeModel(resumed.result.model)).toEqual(writeModel(result.model));
});

test.each([
  [{ accumulate: 5 }, "accumulate must divide batchSize (24), so that all parts are of one size"],
  [{ accumulate: 0 }, "accumulate must be an integer ≥ 1"],
])("%j is refused before training", async (more, rule) => {
  await expect(trained({ ...base, ...more })).rejects.toThrow(`training of one: ${rule}`);
});

const lossNames = Object.keys(distillationLosses) as NamedLossSpec["name"][];

test.each(lossNames)("%s: parts make the step of the whole batch, or are refused", async (name) => {
  const teacher = await randomTeacher(runtime);
  const jobOf = (accumulate: number): Promise<Job> =>
    tinyJob(teacher, {
      // plain steps, small enough for float32: what differs is the gradient
      training: {
        epochs: 1,
        batchSize: 24,
        accumulate,
        optimizer: { name: "sgd" },
        learningRate: 0.001,
      },
      distillation: { loss: { name } as NamedLossSpec, softWeight: 0.5, hardWeight: 0.5 },
    });
  const parts = await jobOf(4);
  if (distillationLosses[name].relatesSamples) {
    expect(name).toBe("dist");
    expect(() => prepareJob(parts)).toThrow(
      "training.accumulate: this loss relates the samples of a batch to one another, so parts of a batch do not add up to it, got accumulate 4 with dist. Leave accumulate out and lower batchSize, or use another loss, such as softTargets.",
    );
    return;
  }
  const [whole, summed] = [
    (await finish(runJob(await jobOf(1), { runtime }))).value,
    (await finish(runJob(parts, { runtime }))).value,
  ];
  expect(largestDifference(weightsOf(summed), weightsOf(whole))).toBeLessThanOrEqual(1e-6);
});

test("a run with a loss that relates samples is refused before its teacher is trained", async () => {
  const network = { family: "mlp", hidden: [8] } as const;
  const training = { epochs: 1, batchSize: 16 };
  const options = tinyRun(runtime, { kind: "train", teacher: { network, training } });
  const run = runDistillation({
    ...options,
    training: { ...options.training, accumulate: 2 },
    distillation: { loss: "dist" },
  });
  expect((await failure(run.next())).code).toBe("config/conflict");
});
