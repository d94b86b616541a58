/**
 * @file J4: the distillation term comes from both networks, and its gradient reaches the student's
 * weights.
 */

import type { Preprocessing } from "../../data/index.ts";
import { gradients } from "../../engine/autodiff/index.ts";
import { input, topologicalOrder, type Value } from "../../engine/graph/index.ts";
import { initialParameters, isTrainable, networkInput } from "../../engine/nn/index.ts";
import { globalNorm } from "../../engine/optim/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { elementCount, type Tensor } from "../../engine/tensor/index.ts";
import {
  type InnerValues,
  microSlabs,
  type Objective,
  runOnAnyKernels,
  samplesInput,
  seedInput,
} from "../../engine/train/index.ts";
import { GraphError } from "../../errors/index.ts";
import type { PreparedJob } from "../job.ts";
import { softSampleWeightsInput, teacherLogitsInput } from "../objective.ts";
import type { SelfCheck } from "../options.ts";
import { checkFailure, passed } from "./check.ts";
import { isWeighed, type WeighedStep } from "./weighed-step.ts";

export interface GradientCheck {
  readonly runtime: Runtime;
  readonly prepared: PreparedJob;
  /** a step with a sample that the soft term weighs */
  readonly weighed: WeighedStep;
  /** of one micro-batch */
  readonly objective: Objective;
  readonly preprocessing: Preprocessing;
  readonly seed: number;
}

/**
 * Computes ‖∂(soft term)/∂W‖ at the initial weights, for the first micro-batch of the step that has
 * a sample which the term weighs.
 *
 * @throws RunError "check/J4" if the term does not depend on the teacher's logits, no gradient can
 *   reach the student, or its norm is 0
 */
export async function checkGradient(options: GradientCheck): Promise<SelfCheck> {
  const norm = await softGradientNorm(options);
  const step = options.weighed.at + 1;
  if (!(norm > 0 && Number.isFinite(norm)))
    throw checkFailure("J4", {
      rule: `the soft term's gradient must be finite and not 0 at step ${step}`,
      got: `norm ${norm}`,
      fix: "Look whether student and teacher logits are the same tensor, or the loss multiplies by 0",
    });
  return passed("J4", `‖∂soft/∂W‖ = ${norm.toPrecision(3)} at step ${step}`);
}

async function softGradientNorm(options: GradientCheck): Promise<number> {
  const { runtime, prepared } = options;
  const { network, step } = prepared;
  const fed = step.perStep.map(({ name, dtype, shape }) => input(name, dtype, shape));
  const parameters = new Map(
    network.parameters.map(({ name, shape }) => [name, input(name, "float32", shape)]),
  );
  const norm = probe(options, fed, parameters);
  const known = new Map(
    [...fed, ...parameters.values(), ...options.objective.perStep].map((v) => [v, v]),
  );
  const used = topologicalOrder([norm]).filter((value) => value.op === "input" && known.has(value));
  const outputs = [{ name: "norm", value: norm }];
  const weights = initialParameters(network.parameters, options.seed);
  const batch = weighedBatch(prepared, options.weighed);
  const feeds = Object.fromEntries(
    used.map(({ name }) => [name, weights.get(name) ?? batch(name)] as const),
  );
  const graph = { name: "soft gradient", inputs: used, outputs };
  const [found] = await runOnAnyKernels(runtime, graph, [feeds]);
  return Number(found!.norm!.data[0]);
}

/** @returns inputs of the first micro-batch with a sample that the soft term weighs */
function weighedBatch({ step }: PreparedJob, weighed: WeighedStep): (name: string) => Tensor {
  const slabs = microSlabs(step, weighed.slabs, 1, seedInput);
  const rowOf = (name: string, row: number): Tensor => {
    const { dtype, shape, data } = slabs[name]!; // the feed has every input
    const size = elementCount(shape.slice(1));
    const own = data.subarray(row * size, (row + 1) * size);
    return { dtype, shape: shape.slice(1), data: own } as Tensor; // same dtype, same kind of array
  };
  const rows = Array.from({ length: step.microBatches ?? 1 }, (_, row) => row);
  const first = rows.find((row) => isWeighed(rowOf(softSampleWeightsInput, row)));
  return (name) => rowOf(name, first!); // the step has one
}

/** The soft term has the logits alone. */
const noInner: InnerValues = {
  feature: () => {
    throw new TypeError("internal: the soft term asks for no feature");
  },
  parameter: () => {
    throw new TypeError("internal: the soft term has no parameters");
  },
};

function probe(
  { prepared: { network }, objective, preprocessing }: GradientCheck,
  fed: readonly Value[],
  parameters: ReadonlyMap<string, Value>,
): Value {
  const samples = fed.find(({ name }) => name === samplesInput)!; // every feed has samples
  const seed = fed.find(({ name }) => name === seedInput)!; // and a seed
  const seen = networkInput(network, samples, preprocessing);
  const logits = network.forward(seen, {
    training: true,
    parameter: (name) => parameters.get(name)!, // the network's own names
    seed: () => seed,
    updateStatistic: () => undefined,
  });
  const soft = objective.terms(logits, seen, noInner).find(({ name }) => name === "soft")!; // softObjective names it so
  assertTeacherIsUsed(soft.loss);
  const trainable = network.parameters.filter(isTrainable);
  try {
    return globalNorm(
      gradients(
        soft.loss,
        trainable.map(({ name }) => parameters.get(name)!),
      ),
    );
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    throw checkFailure("J4", {
      rule: "the soft term must depend on every weight of the student",
      got: cause.message,
      fix: "Build the loss from studentLogits, and do not stop their gradient",
      cause,
    });
  }
}

/** The same network's logits on both sides make a gradient of rounding errors, which is not 0. */
function assertTeacherIsUsed(loss: Value): void {
  const isUsed = topologicalOrder([loss]).some(
    ({ op, name }) => op === "input" && name === teacherLogitsInput,
  );
  if (isUsed) return;
  throw checkFailure("J4", {
    rule: "the soft term must depend on the teacher's logits",
    got: "a term without them",
    fix: "Build the loss from studentLogits and teacherLogits, each on its own side",
  });
}
