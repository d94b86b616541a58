/**
 * @file J7: T² is applied, and applied whole: the loss of this run, evaluated by this runtime,
 * against worked-out values.
 */

import { gradients } from "../../engine/autodiff/index.ts";
import { constant, input } from "../../engine/graph/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { float32, scalar, tensor } from "../../engine/tensor/index.ts";
import { runOnAnyKernels } from "../../engine/train/index.ts";
import type { LogitLoss } from "../losses/index.ts";
import type { SelfCheck } from "../options.ts";
import { checkFailure, passed } from "./check.ts";

const teacher = [6, 2, -1, 0.5];
const student = [3, 1, 0, -0.5];

/** float32 evaluation of four classes: a few units in the last place of values near 1. */
const tolerance = 1e-4;

const temperatures = [1, 2, 4, 20] as const;

/**
 * Compares loss and gradient of one worked example at T = 1, 2, 4, 20 with their closed forms:
 * T² · KL(p ‖ q) and T · (q − p), or KL and (q − p) / T where T² scaling was turned off.
 *
 * @throws RunError "check/J7" naming the temperature, what was expected and what came
 */
export async function checkTemperatureScale(
  runtime: Runtime,
  loss: LogitLoss,
  scaled: boolean,
): Promise<SelfCheck> {
  const found = await lossAndGradient(runtime, loss);
  for (const [at, T] of temperatures.entries())
    assertEqual(T, closedForm(T, scaled ? T ** 2 : 1), found[at]!); // as many as temperatures
  return scalePassed(scaled);
}

/**
 * For losses without a closed form here: with T² scaling, loss and gradient must be T² times those
 * without, at T = 1, 2, 4, 20.
 *
 * @param losses one loss, `whole` with the scaling and `plain` without it
 * @param scaled which of them trains
 * @throws RunError "check/J7" as checkTemperatureScale
 */
export async function checkScaleRatio(
  runtime: Runtime,
  { whole, plain }: { readonly whole: LogitLoss; readonly plain: LogitLoss },
  scaled: boolean,
): Promise<SelfCheck> {
  const [found, unscaled] = [
    await lossAndGradient(runtime, whole),
    await lossAndGradient(runtime, plain),
  ];
  for (const [at, T] of temperatures.entries())
    assertEqual(
      T,
      unscaled[at]!.map((value) => T ** 2 * value),
      found[at]!, // as many as temperatures
    );
  return scalePassed(scaled);
}

function scalePassed(scaled: boolean): SelfCheck {
  return passed(
    "J7",
    scaled
      ? "loss and gradient carry T² at T = 1, 2, 4, 20"
      : "turned off on purpose: loss and gradient carry no T²",
  );
}

function assertEqual(T: number, expected: readonly number[], found: readonly number[]): void {
  const worst = Math.max(
    ...expected.map((e, i) => Math.abs(e - found[i]!) / Math.max(1e-2, Math.abs(e))),
  );
  if (worst > tolerance)
    throw checkFailure("J7", {
      rule: `at T = ${T} loss and gradient must be ${expected.map((e) => e.toPrecision(6)).join(", ")}`,
      got: found.map((f) => f.toPrecision(6)).join(", "),
      fix: "Multiply the whole soft term by T², once; or set scaleByTemperatureSquared: false to leave it out on purpose",
    });
}

/** @returns for each temperature the loss and its four derivatives */
async function lossAndGradient(runtime: Runtime, loss: LogitLoss): Promise<readonly number[][]> {
  const temperature = input("temperature", "float32", []);
  const z = input("z", "float32", [1, 4]);
  const value = loss(z, constant(float32([1, 4], teacher)), {
    temperature,
    sampleWeights: constant(float32([1], [1])),
    labels: constant(tensor("int32", [1], Int32Array.of(0))),
  });
  const [gradient] = gradients(value, [z]);
  const outputs = [
    { name: "loss", value },
    { name: "gradient", value: gradient! },
  ];
  const graph = { name: "temperature check", inputs: [temperature, z], outputs };
  const feeds = temperatures.map((T) => ({
    temperature: scalar("float32", T),
    z: float32([1, 4], student),
  }));
  const results = await runOnAnyKernels(runtime, graph, feeds);
  return results.map((got) => [
    Number(got.loss!.data[0]),
    ...Array.from(got.gradient!.data, Number),
  ]);
}

/** @returns the loss and its four derivatives, in float64 */
function closedForm(T: number, factor: number): number[] {
  const soften = (logits: readonly number[]): number[] => {
    const e = logits.map((logit) => Math.exp(logit / T));
    const sum = e.reduce((a, b) => a + b);
    return e.map((value) => value / sum);
  };
  const [p, q] = [soften(teacher), soften(student)];
  const kl = p.reduce((sum, share, c) => sum + share * Math.log(share / q[c]!), 0);
  return [factor * kl, ...p.map((share, c) => (factor * (q[c]! - share)) / T)];
}
