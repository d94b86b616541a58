/** @file Samples to which a network gives drawn soft targets: a batch is what is trained. */

import { gradients } from "../../engine/autodiff/index.ts";
import type { Step } from "../../engine/compile/index.ts";
import { constant, input, type Value } from "../../engine/graph/index.ts";
import { networkInput } from "../../engine/nn/index.ts";
import { add, clip, mul } from "../../engine/ops/index.ts";
import { adam } from "../../engine/optim/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { randomStream, type Tensor, tensor, zeros } from "../../engine/tensor/index.ts";
import {
  inferredOutput,
  learningRateInput,
  openStepRunner,
  type Slabs,
  slotName,
  type TrainState,
} from "../../engine/train/index.ts";
import { RunError } from "../../errors/index.ts";
import { softTargetLoss } from "../losses/index.ts";
import { assertNotAborted } from "../teachers/index.ts";
import { type Model, networkOf } from "../training/model-file.ts";
import type { SettledSpec } from "./generated-spec.ts";
import { outputKernel } from "./output-kernel.ts";
import { smoothedValue } from "./smoothed-value.ts";
import { classConcentrations, drawLogDirichlet } from "./soft-targets.ts";
import { statisticsDivergence } from "./statistics-divergence.ts";

type Settled = Extract<SettledSpec, { kind: "impressions" }>;

const samplesState = "samples";
const targetsState = "targets";

/**
 * KL(drawn targets ‖ teacher's softened answers), mean over a batch, in nats: at its first step and
 * at its last.
 */
export interface Descent {
  readonly first: number;
  readonly last: number;
}

export interface Impressions {
  /**
   * @param from number of the first sample; @param start float32 [batch, ...shape] in shares of the
   *   range
   * @returns the samples, float32 like `start`
   * @throws RunError "run/aborted", "run/non-finite"
   */
  readonly make: (
    from: number,
    start: Float32Array,
    signal: AbortSignal | undefined,
  ) => Promise<{ readonly samples: Float32Array; readonly descent: Descent }>;
  readonly close: () => Promise<void>;
}

/**
 * One batch's descent as a training step: the samples x are its parameters, the teacher's weights
 * constants.
 *
 *   x ← clip(Adam(x, ∂/∂x (Σ KL(y ‖ softmax(teacher(x) / τ)) + n · statisticsWeight · D)), 0, 1)
 *
 * D is statisticsDivergence, of teachers with batch normalisation. Without it what a sample becomes
 * does not depend on the other n − 1, since KL is summed. Samples are in shares of the range, so
 * that one learning rate suits all data. Recurrent layers are unrolled, as their derivative is.
 *
 * @param weights all parameters of the network, by name
 * @throws ConfigError as outputKernel; GraphError "autodiff/no-gradient"
 */
export function impressionStep(
  model: Omit<Model, "weights">,
  weights: ReadonlyMap<string, Value>,
  spec: Settled,
): Step {
  outputKernel(model);
  const { batchSize, temperature, range, blur, statisticsWeight } = spec;
  const network = networkOf(model);
  const [low, high] = range;
  const { scale, offset } = model.preprocessing;
  const affine = { scale: scale * (high - low), offset: scale * low + offset };
  const samples = input(samplesState, "float32", [batchSize, ...model.sample.shape]);
  const targets = input(targetsState, "float32", [batchSize, network.classCount]);
  const seen = networkInput(network, smoothedValue(samples, blur), affine);
  const logits = inferredOutput(network, seen, weights, { recurrenceAtOnce: false });
  const kl = softTargetLoss(logits, targets, { temperature, scaleByTemperatureSquared: false });
  const strange = statisticsDivergence(logits);
  const total = strange === null ? kl : add(kl, mul(strange, statisticsWeight));
  const optimizer = adam();
  const slots = Object.fromEntries(
    optimizer.slots.map((slot) => [
      slot,
      input(slotName(slot, samplesState), "float32", samples.shape),
    ]),
  );
  const learningRate = input(learningRateInput, "float32", []);
  const scalars = Object.fromEntries(
    Object.keys(optimizer.scalars).map((name) => [name, input(name, "float32", [])]),
  );
  const [gradient] = gradients(mul(total, batchSize), [samples]);
  const given = { parameter: samples, gradient: gradient!, learningRate, scalars, slots }; // one entry, one gradient
  const next = optimizer.update({ ...given, weightDecay: 0 });
  return {
    name: `impressions of ${network.name}`,
    state: [
      { before: samples, after: clip(next.parameter, 0, 1) },
      ...optimizer.slots.map((slot) => ({ before: slots[slot]!, after: next.slots[slot]! })),
      { before: targets, after: targets },
    ],
    perStep: [learningRate, ...Object.values(scalars)],
    metrics: [
      { name: "kl", value: kl },
      ...(strange === null ? [] : [{ name: "statistics", value: strange }]),
    ],
  };
}

/** So few that a stop is soon; always as many, since the cut shows in the last bits. */
const stepsInCall = 20;

/** @throws as impressionStep */
export async function openImpressions(
  runtime: Runtime,
  model: Model,
  spec: Settled,
  threads: number,
): Promise<Impressions> {
  const { batchSize } = spec;
  const draw = targetDrawer(model, spec);
  const weights = Array.from(
    model.weights,
    ([name, value]) => [name, constant(value, name)] as const,
  );
  const step = impressionStep(model, new Map(weights), spec);
  const classes = model.classNames.length;
  const stateOf = (known: Readonly<Record<string, Float32Array>>): TrainState =>
    new Map(
      step.state.map(({ before: { name, shape } }) => {
        const data = known[name];
        return [name, data ? tensor("float32", shape, data) : zeros("float32", shape)];
      }),
    );
  const runner = await openStepRunner(runtime, step, stateOf({}), { threads });
  return {
    make: async (from, start, signal) => {
      const targets = new Float32Array(batchSize * classes);
      for (let row = 0; row < batchSize; row++) targets.set(draw(from + row), row * classes);
      await runner.restart(stateOf({ [samplesState]: start, [targetsState]: targets }));
      const kl: number[] = [];
      for (let at = 0; at < spec.steps; at += stepsInCall) {
        assertNotAborted(signal, "generated samples");
        const count = Math.min(stepsInCall, spec.steps - at);
        const { metrics, bad } = await runner.run(slabsOf(spec, at, count), count);
        if (bad !== undefined) throw notFinite(at + bad.row, bad.value);
        kl.push(...metrics.kl!); // a metric of the step
      }
      const samples = (await runner.state()).get(samplesState)!.data as Float32Array; // declared so
      return { samples, descent: { first: kl[0]!, last: kl.at(-1)! } }; // a step at least
    },
    close: () => runner.close(),
  };
}

/**
 * Sample i is of class i mod K, and its concentrations are multiplied by one scale after the other.
 *
 * @returns what gives τ ln y of a sample, whose softmax at τ is y
 */
function targetDrawer(model: Model, spec: Settled): (sample: number) => Float64Array {
  const { scales, temperature, seed } = spec;
  const kernel = model.weights.get(outputKernel(model).name)!.data as Float32Array; // a parameter
  const classes = model.classNames.length;
  const concentrations = classConcentrations(kernel, classes);
  return (sample) => {
    const scale = scales[Math.floor(sample / classes) % scales.length]!; // one at least
    const alpha = concentrations[sample % classes]!.map((each) => each * scale); // one for each class
    const stream = randomStream(seed, "impression target", sample);
    return drawLogDirichlet(alpha, stream).map((log) => temperature * log);
  };
}

/** @returns learning rate and the optimiser's scalars of steps from … from + count - 1 */
function slabsOf({ learningRate }: Settled, from: number, count: number): Slabs {
  const slab = (at: (step: number) => number): Tensor =>
    tensor(
      "float32",
      [count],
      Float32Array.from({ length: count }, (_, row) => at(from + row + 1)),
    );
  const scalars = Object.entries(adam().scalars).map(([name, at]) => [name, slab(at)]);
  return { [learningRateInput]: slab(() => learningRate), ...Object.fromEntries(scalars) };
}

function notFinite(step: number, value: number): RunError {
  return new RunError("run/non-finite", {
    where: `impressions, step ${step + 1}`,
    rule: "the divergence from the drawn targets must be a finite number",
    got: String(value),
    fix: "Lower learningRate, or raise temperature",
    details: { step, value },
  });
}
