/** @file Runs a compiled step many times a call, keeping the state where the runtime is. */

import type { FormChoice, Step } from "../compile/index.ts";
import type { Resident, Runtime } from "../runtime/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Slabs } from "./feed.ts";
import { microSlabs } from "./micro-batches.ts";
import { seedInput } from "./step-builder.ts";
import { openStepCaller, type StepMetrics } from "./step-caller.ts";

/** Tensors by state name: parameters, optimiser slots, statistics. */
export type TrainState = ReadonlyMap<string, Tensor>;

/** The step that ended a call: one of its metrics is infinite or not a number, or its state is. */
export interface NonFinite {
  /** its place in the call, from 0; the last one's where the metrics hid a spoiled state */
  readonly row: number;
  /** or the name of the state's tensor */
  readonly metric: string;
  readonly value: number;
  /** false if even the state that came before the call's first step is not finite */
  readonly isStateFinite: boolean;
}

interface StepsResult {
  /** of the good steps, which the state has seen */
  readonly metrics: StepMetrics;
  /** steps that the state has seen; all of them unless one was bad */
  readonly count: number;
  readonly bad?: NonFinite;
}

export interface StepRunner {
  /**
   * Runs `count` steps on the state. After a bad step the state is the last good one: finite, and
   * before that step.
   */
  readonly run: (slabs: Slabs, count: number) => Promise<StepsResult>;
  /** the state as residents, by name; valid until the next run */
  readonly residents: () => Readonly<Record<string, Resident>>;
  /** a copy of the state */
  readonly state: () => Promise<TrainState>;
  /** begins again from another state, as complete as the first */
  readonly restart: (start: TrainState) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Of a step of several micro-batches, `count` and the slabs' rows are optimiser steps; so are the
 * metrics and the row of a bad step.
 *
 * @param start must hold every state slot of the step, of its dtype and shape
 */
export async function openStepRunner(
  runtime: Runtime,
  step: Step,
  start: TrainState,
  options: { readonly threads?: number; readonly forms?: FormChoice } = {},
): Promise<StepRunner> {
  const { threads = 1, forms = {} } = options;
  const caller = await openStepCaller(runtime, step, { threads, forms });
  const names = step.state.map(({ before }) => before.name);
  const kept = async (state: TrainState): Promise<Record<string, Resident>> => {
    const residents: Record<string, Resident> = {};
    for (const name of names) residents[name] = await runtime.keep(state.get(name)!); // the caller's duty
    return residents;
  };
  let held = await kept(start);
  const { microBatches = 1 } = step;
  const call = (slabs: Slabs, count: number) =>
    caller.call(held, microSlabs(step, slabs, count, seedInput), count * microBatches);
  const adopt = async (next: Record<string, Resident>): Promise<void> => {
    const old = Object.values(held);
    held = next;
    await runtime.release(old);
  };
  const fetchAll = async (from: Readonly<Record<string, Resident>>): Promise<TrainState> => {
    const copy = new Map<string, Tensor>();
    for (const name of names) copy.set(name, await runtime.fetch(from[name]!)); // set for every name
    return copy;
  };
  /**
   * Goes back to before the bad step; one step further if that one's metrics hid that it spoiled
   * the state.
   */
  const recover = async (slabs: Slabs, row: number): Promise<Omit<StepsResult, "bad"> | null> => {
    for (const rows of [row, row - 1].filter((each) => each > 0)) {
      const { next, metrics } = await call(cutSlabs(slabs, rows), rows);
      if (isFiniteState(await fetchAll(next))) {
        await adopt(next);
        return { metrics: ofWholeSteps(metrics, microBatches), count: rows };
      }
      await runtime.release(Object.values(next));
    }
    return isFiniteState(await fetchAll(held)) ? { metrics: {}, count: 0 } : null;
  };
  const run = async (slabs: Slabs, count: number): Promise<StepsResult> => {
    const { next, metrics } = await call(slabs, count);
    const bad =
      firstNonFinite(metrics, microBatches) ??
      (runtime.kernels === "webgpu" ? hiddenNonFinite(await fetchAll(next), count) : undefined);
    if (bad === undefined) {
      await adopt(next);
      return { metrics: ofWholeSteps(metrics, microBatches), count };
    }
    await runtime.release(Object.values(next));
    const good = await recover(slabs, bad.row);
    return {
      ...(good ?? { metrics: {}, count: 0 }),
      bad: { ...bad, isStateFinite: good !== null },
    };
  };
  return {
    run,
    residents: () => held,
    state: () => fetchAll(held),
    restart: async (state) => adopt(await kept(state)),
    close: async () => {
      await runtime.release(Object.values(held));
      await caller.dispose();
    },
  };
}

/** @returns whether every float of a state is a finite number */
export function isFiniteState(state: TrainState): boolean {
  return [...state.values()].every(
    ({ data }) => !(data instanceof Float32Array) || data.every((value) => Number.isFinite(value)),
  );
}

/**
 * The loop ends at the first bad step, so only the last row can be bad. Terms are named before the
 * total that they spoil.
 */
function firstNonFinite(
  metrics: StepMetrics,
  microBatches: number,
): Omit<NonFinite, "isStateFinite"> | undefined {
  const entries = Object.entries(metrics);
  const row = (entries[0]?.[1].length ?? 0) - 1;
  const bad = entries.filter(([, values]) => !Number.isFinite(values[row]));
  const [metric, values] = bad.find(([name]) => name !== "loss") ?? bad[0] ?? [];
  return metric === undefined || values === undefined
    ? undefined
    : { row: Math.floor(row / microBatches), metric, value: values[row]! };
}

/**
 * On WebGPU a maximum need not keep NaN: behind a relu of spoiled weights everything may be 0, and
 * no metric would ever say so.
 */
function hiddenNonFinite(
  state: TrainState,
  count: number,
): Omit<NonFinite, "isStateFinite"> | undefined {
  for (const [metric, { data }] of state) {
    const value = data instanceof Float32Array && data.find((each) => !Number.isFinite(each));
    if (typeof value === "number") return { row: count - 1, metric, value };
  }
  return undefined;
}

/** Sums over micro-batches are whole at the last one of a step. */
function ofWholeSteps(metrics: StepMetrics, microBatches: number): StepMetrics {
  if (microBatches === 1) return metrics;
  const isLast = (_: number, row: number): boolean => row % microBatches === microBatches - 1;
  return Object.fromEntries(
    Object.entries(metrics).map(([name, values]) => [name, values.filter(isLast)]),
  );
}

function cutSlabs(slabs: Slabs, rows: number): Slabs {
  return Object.fromEntries(
    Object.entries(slabs).map(([name, { dtype, shape, data }]) => {
      const size = data.length / shape[0]!;
      return [
        name,
        { dtype, shape: [rows, ...shape.slice(1)], data: data.slice(0, rows * size) } as Tensor,
      ]; // same dtype, same array kind
    }),
  );
}
