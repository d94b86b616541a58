/**
 * @file Many steps in one call: the same bytes as single steps, in any cut, at any number of
 * threads; and how it ends.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  compileGraph,
  compileSteps,
  type Step,
  stepGraph,
} from "../../src/engine/compile/index.ts";
import { input, type Value } from "../../src/engine/graph/index.ts";
import { add, div, mul, reduceSum, relu } from "../../src/engine/ops/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import type { Runtime } from "../../src/engine/runtime/runtime.ts";
import { bytesOf, float32, type Tensor } from "../../src/engine/tensor/index.ts";
import { openStepRunner, type TrainState } from "../../src/engine/train/step-runner.ts";
import {
  golden,
  startState,
  type TrainingSetup,
  trajectorySlabs,
  trajectoryStep,
} from "../support/trajectory.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(async () => runtime.close());

const optimizer = { name: "adamW", weightDecay: 0.1 } as const;
const setups: readonly (readonly [string, TrainingSetup])[] = [
  ["cnn, adamW", { network: { family: "cnn", channels: [3, 4], hidden: [6] }, optimizer }],
  [
    "cnn with batch norm",
    {
      network: { family: "cnn", channels: [3, 4], hidden: [6], batchNorm: true, dropout: 0.3 },
      optimizer,
      clipNorm: 1,
    },
  ],
  [
    "mlp, adamW",
    { network: { family: "mlp", hidden: [8, 5], inputDropout: 0.2, dropout: 0.5 }, optimizer },
  ],
];

/** All bytes of a state, in the order of its names. */
function bytes(state: TrainState): string {
  return [...state].map(([name, { data }]) => `${name}:${bytesOf(data)}`).join("\n");
}

function trajectoryOf(name: string) {
  return golden.cases.find((trajectory) => trajectory.name === name)!;
}

/** The state after calls of these numbers of steps. */
async function train(
  name: string,
  setup: TrainingSetup,
  calls: readonly number[],
  threads: number,
): Promise<string> {
  const trajectory = trajectoryOf(name);
  const step = trajectoryStep(trajectory, setup);
  const runner = await openStepRunner(runtime, step, startState(trajectory, step), { threads });
  let from = 0;
  for (const count of calls) {
    await runner.run(trajectorySlabs(trajectory, setup, from, count), count);
    from += count;
  }
  const state = await runner.state();
  await runner.close();
  return bytes(state);
}

/** The state after twelve calls of the step's own graph, without a loop. */
async function trainSingly(name: string, setup: TrainingSetup): Promise<string> {
  const trajectory = trajectoryOf(name);
  const step = trajectoryStep(trajectory, setup);
  const session = await runtime.load(compileGraph(stepGraph(step)), { threads: 1 });
  let state = startState(trajectory, step);
  for (let i = 0; i < 12; i++) {
    const slabs = Object.entries(trajectorySlabs(trajectory, setup, i, 1));
    const batch = slabs.map(([key, slab]) => [key, { ...slab, shape: slab.shape.slice(1) }]);
    const { outputs } = await session.run({
      ...Object.fromEntries(state),
      ...(Object.fromEntries(batch) as Record<string, Tensor>), // entries of tensors
    });
    state = new Map([...state.keys()].map((key) => [key, outputs[`${key}'`]!]));
  }
  await session.dispose();
  return bytes(state);
}

describe.each(setups)("%s", (name, setup) => {
  it("twelve steps in one call are twelve single steps, byte for byte", async () => {
    expect(await train(name, setup, [12], 1)).toBe(await trainSingly(name, setup));
  });

  it.each([1, 2])("the cut into calls does not matter, at %d threads", async (threads) => {
    const whole = await train(name, setup, [12], threads);
    expect(await train(name, setup, [5, 7], threads)).toBe(whole);
    expect(await train(name, setup, [1, 1, 3, 1, 6], threads)).toBe(whole);
  });

  it("training changes the state", async () => {
    expect(await train(name, setup, [12], 1)).not.toBe(await train(name, setup, [11], 1));
  });
});

/** w ← w + x; metrics: the sum of 1 / w, and the sum of w. */
const x = input("x", "float32", [2]);
const w = input("w", "float32", [2]);
const next = add(w, x);
const counting: Step = {
  name: "counting",
  state: [{ before: w, after: next }],
  perStep: [x],
  metrics: [
    { name: "inverse", value: reduceSum(div(1, next)) },
    { name: "sum", value: reduceSum(next) },
  ],
};

async function count(step: Step, rows: readonly number[]) {
  const session = await runtime.load(compileSteps(step), { threads: 1 });
  const { outputs } = await session.run({
    steps: { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(rows.length)) },
    w: float32([2], [1, 1]),
    x: float32(
      [rows.length, 2],
      rows.flatMap((row) => [row, row]),
    ),
  });
  await session.dispose();
  const numbers = (name: string) => [...(outputs[name]!.data as Float32Array)]; // all are float32
  return { state: numbers("w'"), metrics: step.metrics.map(({ name }) => numbers(name)) };
}

describe("the loop", () => {
  it("reports every step's metrics", async () => {
    const { state, metrics } = await count(counting, [1, 2, 4]);
    expect(state).toEqual([8, 8]);
    expect(metrics).toEqual([
      [1, 0.5, 0.25],
      [4, 8, 16],
    ]);
  });

  it.each([
    ["infinite", [1, -2, 4], Infinity],
    ["not a number", [1, Number.NaN, 4], Number.NaN],
  ])("ends after a step with a metric that is %s", async (_, rows, bad) => {
    const { metrics } = await count(counting, rows);
    expect(metrics[0]).toEqual([1, bad]);
  });

  it("takes steps without metrics, and state that stays as it is", async () => {
    const frozen: Step = { ...counting, state: [{ before: w, after: w }], metrics: [] };
    expect((await count(frozen, [1, 2])).state).toEqual([1, 1]);
  });

  it("takes state that is called like the loop's own parts", async () => {
    const names = ["iteration", "condition", "v0", "c0", "out/sum"];
    const slots = names.map((name) => input(name, "float32", []));
    const step: Step = {
      name: "names",
      state: slots.map((before, i) => ({ before, after: add(before, i) })),
      perStep: [input("v1", "float32", [])],
      metrics: [],
    };
    const session = await runtime.load(compileSteps(step), { threads: 1 });
    const { outputs } = await session.run({
      steps: { dtype: "int64", shape: [], data: BigInt64Array.of(3n) },
      v1: float32([3], [0, 0, 0]),
      ...Object.fromEntries(names.map((name) => [name, float32([], [100])])),
    });
    await session.dispose();
    expect(names.map((name) => (outputs[`${name}'`]!.data as Float32Array)[0])).toEqual([
      100, 103, 106, 109, 112,
    ]);
  });

  const scalar = (name: string): Value => input(name, "float32", []);
  it.each([
    [
      "state that changes its shape",
      { ...counting, state: [{ before: w, after: reduceSum(next) }] },
      "graph/state",
      'step "counting", state "w": state must keep its dtype and shape, got float32[2] before and float32[] after.',
    ],
    [
      "a metric that is no scalar",
      { ...counting, metrics: [{ name: "all", value: relu(next) }] },
      "graph/metric",
      'step "counting", metric "all": a metric must be a float32 scalar, got float32[2]. Reduce it first, for example with reduceMean.',
    ],
    [
      "an input called steps",
      { ...counting, perStep: [x, scalar("steps")] },
      "graph/reserved-name",
      'step "counting": "steps" and names that start with "b/" belong to the loop, got "steps". Choose another name.',
    ],
    [
      "a metric inside the loop's names",
      { ...counting, metrics: [{ name: "b/loss", value: reduceSum(next) }] },
      "graph/reserved-name",
      'step "counting": "steps" and names that start with "b/" belong to the loop, got "b/loss". Choose another name.',
    ],
    [
      "a metric named like a state",
      { ...counting, metrics: [{ name: "w", value: reduceSum(mul(next, 2)) }] },
      "graph/invalid",
      'graph "counting": an output must not be named like an input, got "w" on both sides.',
    ],
    [
      "a per-step input that is not declared",
      { ...counting, perStep: [] },
      "graph/invalid",
      'graph "counting": every placeholder must be declared as an input, got undeclared "x".',
    ],
  ] as const)("refuses %s", (_, step, code, message) => {
    expect(() => compileSteps(step)).toThrow(expect.objectContaining({ code, message }));
  });
});

describe("after a bad step", () => {
  it("the state is the last good one, to the byte", async () => {
    const start: TrainState = new Map([["w", float32([2], [1, 1])]]);
    const runner = await openStepRunner(runtime, counting, start);
    const rows = [0.1, 0.2, Number.NaN, 5];
    const slabs = {
      x: float32(
        [4, 2],
        rows.flatMap((row) => [row, row]),
      ),
    };
    const result = await runner.run(slabs, 4);
    expect(result.count).toBe(2);
    expect(result.bad).toMatchObject({ row: 2, value: Number.NaN });
    const good = Math.fround(Math.fround(1 + Math.fround(0.1)) + Math.fround(0.2));
    expect([...((await runner.state()).get("w")!.data as Float32Array)]).toEqual([good, good]);
    await runner.close();
  });
});

describe("numbers too small for float32's normal form", () => {
  /** momentum without a gradient: velocity ← 0.9 velocity */
  const velocity = input("velocity", "float32", [8]);
  const seen = input("seen", "float32", []);
  const step: Step = {
    name: "momentum alone",
    state: [{ before: velocity, after: mul(velocity, 0.9) }],
    perStep: [seen],
    metrics: [{ name: "loss", value: mul(seen, 1) }],
  };
  const normal = 2 ** -126;

  async function velocityAfter(count: number, start: readonly number[]): Promise<number[]> {
    const state = new Map([["velocity", float32([8], start)]]);
    const runner = await openStepRunner(runtime, step, state);
    await runner.run({ seen: float32([count], new Array(count).fill(0)) }, count);
    const after = (await runner.state()).get("velocity")!;
    await runner.close();
    return Array.from(after.data, Number);
  }

  it("are 0 after a call, where rounding would keep them for ever", async () => {
    const start = [1, -1, normal, -normal, normal / 2, -normal / 2, 1e-30, -1e-30];
    expect(await velocityAfter(1000, start)).toEqual(new Array(8).fill(0));
  });

  it("but the smallest normal ones stay, and what is no number", async () => {
    const kept = [normal / 0.9, -normal / 0.9, 1e-37, -1e-37, 0, Infinity, -Infinity, NaN];
    const expected = kept.map((value) => Math.fround(Math.fround(value) * Math.fround(0.9)));
    expect(await velocityAfter(1, kept)).toEqual(expected);
    expect(Math.abs(expected[0]!)).toBeLessThan(1.01 * normal);
  });
});
