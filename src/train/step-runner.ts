/** @file Runs a compiled step many times a call, keeping the state where the runtime is. */

import { compileSteps, type FormChoice, type Step, stepsInput } from "../compile/index.ts";
import { RunError } from "../errors/index.ts";
import type { Resident, Runtime } from "../runtime/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Slabs } from "./feed.ts";

/** Values of every metric, one per step. */
export type StepMetrics = Readonly<Record<string, Float32Array>>;

/** Tensors by state name: parameters, optimiser slots, statistics. */
export type TrainState = ReadonlyMap<string, Tensor>;

export interface StepRunner {
  /**
   * Runs steps from … from + count - 1 on the state.
   *
   * @throws RunError "run/non-finite" naming step and metric; the state is then that of the last good step
   */
  readonly run: (slabs: Slabs, from: number, count: number) => Promise<StepMetrics>;
  /** the state as residents, by name; valid until the next run */
  readonly residents: () => Readonly<Record<string, Resident>>;
  /** a copy of the state */
  readonly state: () => Promise<TrainState>;
  readonly close: () => Promise<void>;
}

/** @param start must hold every state slot of the step, of its dtype and shape */
export async function openStepRunner(
  runtime: Runtime,
  step: Step,
  start: TrainState,
  options: { readonly threads?: number; readonly forms?: FormChoice } = {},
): Promise<StepRunner> {
  const session = await runtime.load(compileSteps(step, options.forms), {
    threads: options.threads ?? 1,
  });
  const names = step.state.map(({ before }) => before.name);
  const primed = names.map((name) => `${name}'`);
  let held: Record<string, Resident> = {};
  for (const name of names) held[name] = await runtime.keep(start.get(name)!); // the caller's duty
  const call = async (slabs: Slabs, count: number) => {
    const trip: Tensor = { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(count)) };
    const result = await session.run({ ...held, ...slabs, [stepsInput]: trip }, primed);
    const next = Object.fromEntries(names.map((name) => [name, result.kept[`${name}'`]!]));
    return { next, metrics: metricsOf(result.outputs) };
  };
  const adopt = async (next: Record<string, Resident>): Promise<void> => {
    const old = Object.values(held);
    held = next;
    await runtime.release(old);
  };
  const run = async (slabs: Slabs, from: number, count: number): Promise<StepMetrics> => {
    const { next, metrics } = await call(slabs, count);
    const bad = firstNonFinite(metrics);
    if (bad === undefined) {
      await adopt(next);
      return metrics;
    }
    await runtime.release(Object.values(next));
    if (bad.row > 0) await adopt((await call(cutSlabs(slabs, bad.row), bad.row)).next);
    throw new RunError("run/non-finite", {
      where: `step ${from + bad.row}`,
      rule: `every loss term must stay finite`,
      got: `${bad.metric} = ${bad.value}`,
      fix: "Lower the learning rate, clip the gradient norm, or look at the samples of this batch",
      details: {
        step: from + bad.row,
        metric: bad.metric,
        value: String(bad.value),
        goodSteps: bad.row,
      },
    });
  };
  return {
    run,
    residents: () => held,
    state: async () => {
      const copy = new Map<string, Tensor>();
      for (const name of names) copy.set(name, await runtime.fetch(held[name]!)); // set for every name
      return copy;
    },
    close: async () => {
      await runtime.release(Object.values(held));
      await session.dispose();
    },
  };
}

function metricsOf(outputs: Readonly<Record<string, Tensor>>): StepMetrics {
  // compileSteps declares every metric float32
  return Object.fromEntries(
    Object.entries(outputs).map(([name, t]) => [name, t.data as Float32Array]),
  );
}

/** The loop ends at the first bad step, so only the last row can be bad. Terms are named before the total that they spoil. */
function firstNonFinite(
  metrics: StepMetrics,
): { readonly row: number; readonly metric: string; readonly value: number } | undefined {
  const entries = Object.entries(metrics);
  const row = (entries[0]?.[1].length ?? 0) - 1;
  const bad = entries.filter(([, values]) => !Number.isFinite(values[row]));
  const [metric, values] = bad.find(([name]) => name !== "loss") ?? bad[0] ?? [];
  return metric === undefined || values === undefined
    ? undefined
    : { row, metric, value: values[row]! };
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
