/**
 * @file One call of a step's model: many steps in a Loop, or one by one where the runtime has none.
 */

import {
  compileGraph,
  compileSteps,
  type FormChoice,
  hoistRandom,
  type Step,
  stepGraph,
  stepsInput,
  trainingForms,
} from "../compile/index.ts";
import { loadOrName, type Resident, type Runtime } from "../runtime/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Slabs } from "./feed.ts";
import { randomOf, webgpuForms } from "./limited-kernels.ts";

/** Values of every metric, one per step. */
export type StepMetrics = Readonly<Record<string, Float32Array>>;

type Held = Readonly<Record<string, Resident>>;

interface StepCaller {
  /**
   * Runs up to `count` steps from `held`, and no further than the first whose metrics are not all
   * finite. Both states are the caller's to release.
   */
  readonly call: (
    held: Held,
    slabs: Slabs,
    count: number,
  ) => Promise<{ readonly next: Record<string, Resident>; readonly metrics: StepMetrics }>;
  readonly dispose: () => Promise<void>;
}

interface CallerOptions {
  readonly threads: number;
  readonly forms: FormChoice;
}

/** @throws BackendError "backend/operator" naming what the runtime lacks */
export async function openStepCaller(
  runtime: Runtime,
  step: Step,
  options: CallerOptions,
): Promise<StepCaller> {
  return runtime.kernels === "all"
    ? loopCaller(runtime, step, options)
    : singleCaller(runtime, step, options);
}

async function loopCaller(
  runtime: Runtime,
  step: Step,
  options: CallerOptions,
): Promise<StepCaller> {
  const { threads } = options;
  const forms = { ...trainingForms(runtime.convolutionBlock), ...options.forms };
  const names = step.state.map(({ before }) => before.name);
  const primed = names.map((name) => `${name}'`);
  const model = compileSteps(step, forms);
  const session = await loadOrName(runtime, stepGraph(step), forms, () =>
    runtime.load(model, { threads, busyWait: true }),
  );
  return {
    call: async (held, slabs, count) => {
      const trip: Tensor = { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(count)) };
      const { kept, outputs } = await session.run(
        { ...held, ...slabs, [stepsInput]: trip },
        primed,
      );
      const next = Object.fromEntries(names.map((name) => [name, kept[`${name}'`]!]));
      // compileSteps declares every metric float32
      const metrics = Object.entries(outputs).map(([name, { data }]) => [
        name,
        data as Float32Array,
      ]);
      return { next, metrics: Object.fromEntries(metrics) };
    },
    dispose: () => session.dispose(),
  };
}

async function singleCaller(
  runtime: Runtime,
  step: Step,
  { threads, forms }: CallerOptions,
): Promise<StepCaller> {
  const { graph, hoisted } = hoistRandom(stepGraph(step));
  const names = step.state.map(({ before }) => before.name);
  const primed = names.map((name) => `${name}'`);
  const own = { ...webgpuForms, ...forms };
  const session = await loadOrName(runtime, graph, own, () =>
    runtime.load(compileGraph(graph, { forms: own }), { threads }),
  );
  const used = new Set(session.inputNames);
  const call: StepCaller["call"] = async (held, slabs, count) => {
    const metrics: Record<string, number[]> = Object.fromEntries(
      step.metrics.map(({ name }) => [name, []]),
    );
    let state = held;
    let isGood = true;
    for (let row = 0; row < count && isGood; row++) {
      const inputs = rowOf(slabs, row);
      const feeds = Object.entries({ ...state, ...inputs, ...randomOf(hoisted, inputs) });
      const { kept, outputs } = await session.run(
        Object.fromEntries(feeds.filter(([name]) => used.has(name))),
        primed,
      );
      if (state !== held) await runtime.release(Object.values(state));
      state = Object.fromEntries(names.map((name) => [name, kept[`${name}'`]!]));
      for (const { name } of step.metrics) {
        const value = Number(outputs[name]!.data[0]); // a float32 scalar
        metrics[name]!.push(value);
        isGood &&= Number.isFinite(value);
      }
    }
    const rows = Object.entries(metrics).map(([name, list]) => [name, Float32Array.from(list)]);
    return { next: { ...state }, metrics: Object.fromEntries(rows) };
  };
  return { call, dispose: () => session.dispose() };
}

/** One step's inputs, without the steps axis. */
function rowOf(slabs: Slabs, row: number): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    Object.entries(slabs).map(([name, { dtype, shape, data }]) => {
      const size = data.length / shape[0]!;
      const own = data.slice(row * size, (row + 1) * size);
      return [name, { dtype, shape: shape.slice(1), data: own } as Tensor]; // same dtype, same array kind
    }),
  );
}
