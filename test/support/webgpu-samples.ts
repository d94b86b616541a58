/** @file What a WebGPU runtime makes of operators' samples: values and gradients, compared. */

import { readFileSync } from "node:fs";
import { compileGraph } from "../../src/engine/compile/index.ts";
import type { Value } from "../../src/engine/graph/index.ts";
import type { Runtime, Session } from "../../src/engine/runtime/index.ts";
import { webgpuForms } from "../../src/engine/train/limited-kernels.ts";
import { BackendError } from "../../src/errors/index.ts";
import { referenceTensor } from "../reference/evaluate.ts";
import { type Closeness, difference } from "./close.ts";
import type { OpCases, OpSample } from "./op-cases.ts";
import {
  evaluateSample,
  gradientGraph,
  graphOf,
  hasGradient,
  type SampleGraph,
  sampleGraph,
} from "./op-sample.ts";

/** What did not come out right, by names of samples; "gradient of …" where the value alone did. */
export interface WebGpuAnswer {
  /** the model does not load, or not run */
  readonly refused: readonly string[];
  /** other numbers, or another shape */
  readonly wrong: readonly string[];
}

/** By operator; null where no sample came out right. */
export type WebGpuAnswers = Readonly<Record<string, WebGpuAnswer | null>>;

export const webGpuAnswersFile = new URL("../golden/webgpu-operators.json", import.meta.url);

/** @returns what test/browser/webgpu has recorded */
export function recordedWebGpuAnswers(): WebGpuAnswers {
  return JSON.parse(readFileSync(webGpuAnswersFile, "utf8")) as WebGpuAnswers; // as that test writes it
}

/** @returns the samples that a runtime is asked for at all */
export function runtimeSamples({ samples }: OpCases): readonly OpSample[] {
  return samples.filter(({ noRuntime }) => noRuntime === undefined);
}

type Outcome = "right" | keyof WebGpuAnswer;

/**
 * Runs a sample in the forms that training takes there, its value and gradients in one model, and
 * the value alone where that is not right.
 *
 * @returns what came out, and its name
 */
export async function sampleOnWebGpu(
  runtime: Runtime,
  cases: OpCases,
  sample: OpSample,
): Promise<{ readonly name: string; readonly outcome: Outcome }> {
  const built = sampleGraph(cases, sample);
  const { name, tolerance, gradientTolerance = tolerance } = sample;
  const derived = hasGradient(sample, built) ? gradientGraph(built).gradients : [];
  const value = [{ value: built.output, closeness: atLeast(tolerance) }];
  const gradients = derived.map((value) => ({ value, closeness: atLeast(gradientTolerance) }));
  const outcome = await outcomeOf(runtime, built, [...value, ...gradients]);
  if (outcome === "right" || gradients.length === 0) return { name, outcome };
  const ofValue = await outcomeOf(runtime, built, value);
  return ofValue === "right"
    ? { name: `gradient of ${name}`, outcome }
    : { name, outcome: ofValue };
}

/** WGSL promises exp, log and pow to a few units in the last place; tanh and erf build on them. */
const webGpuNoise = 1e-5;

function atLeast({ rtol, atol }: Closeness): Closeness {
  return { rtol: Math.max(rtol, webGpuNoise), atol: Math.max(atol, webGpuNoise) };
}

async function outcomeOf(
  runtime: Runtime,
  built: SampleGraph,
  wanted: readonly { readonly value: Value; readonly closeness: Closeness }[],
): Promise<Outcome> {
  const values = wanted.map(({ value }) => value);
  const expected = evaluateSample(values, built);
  let session: Session | undefined;
  try {
    const loaded = await runtime.load(compileGraph(graphOf(built, values), { forms: webgpuForms }));
    session = loaded;
    const fed = Object.entries(built.feeds).filter(([name]) => loaded.inputNames.includes(name));
    const { outputs } = await loaded.run(Object.fromEntries(fed));
    const isRight = wanted.every(({ closeness }, i) => {
      const actual = referenceTensor(outputs[`output${i}`]!);
      return difference(actual, expected[i]!, closeness) === null;
    });
    return isRight ? "right" : "wrong";
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return "refused";
  } finally {
    await session?.dispose();
  }
}
