/**
 * @file Where a network's numbers will be int8, found by planning the network as the quantiser
 * itself will.
 */

import { constant, type Graph, input, type Value } from "../../../engine/graph/index.ts";
import type { Network } from "../../../engine/nn/index.ts";
import { add, cast, mul } from "../../../engine/ops/index.ts";
import { zeros } from "../../../engine/tensor/index.ts";
import { QuantizeError } from "../../../errors/index.ts";
import { observedValues } from "../calibrate.ts";
import type { FloatPlan } from "../lowering/float-layer.ts";
import { planLayers } from "../lowering/plan.ts";
import type { RealRange } from "../observers.ts";
import type { SampleEncoding } from "../quantized-graph.ts";
import { shapedKernelPath } from "../sequence-forms.ts";
import { isExactInput, scaleGroups, spanOf } from "../shared-scales.ts";

/** A value that becomes int8. */
export interface GridPoint {
  /** its range is watched; other points take over that of what they read */
  readonly isWatched: boolean;
  /** keys of the watched values whose ranges make the scale together */
  readonly members: readonly string[];
  /** ranges that are given */
  readonly spans: readonly RealRange[];
}

export const inputKey = "input";

/**
 * @returns the name of a value that is the same in every graph of a network, the quantiser's own
 *   forms of sequences among them: path and operator
 */
export function keyOf(value: Value): string {
  const path = shapedKernelPath(value) || value.origin;
  // the quantiser's mean over positions is the pooling of an image
  return `${path}/${value.op === "reduceMean" ? "globalAveragePool" : value.op}`;
}

/** @returns the key of an observed value of a plan */
export function planKey(plan: FloatPlan, value: Value): string {
  return value === plan.input ? inputKey : keyOf(value);
}

/**
 * @returns the points by key; samples that fit int8 exactly have none
 * @throws QuantizeError "quantize/unsupported" as planLayers; "quantize/aware" where a value needs
 *   a range and has no path of its own
 */
export function gridPoints(
  network: Network,
  encoding: SampleEncoding,
): ReadonlyMap<string, GridPoint> {
  const plan = planLayers(emptyGraph(network, encoding));
  const observed = observedValues(plan);
  const groups = scaleGroups(plan);
  const pooled = plan.layers
    .filter(({ kind }) => kind === "averagePool")
    .map(({ output }) => output);
  const points = new Map<string, GridPoint>();
  for (const value of [...observed, ...pooled]) {
    if (isExactInput(plan, value)) continue;
    const { values, given } = groups.get(value)!; // every value has one
    const key = planKey(plan, value);
    const isNamed = key === inputKey || value.origin !== "";
    if (!isNamed || points.has(key)) throw ambiguous(network, key);
    points.set(key, {
      isWatched: observed.includes(value),
      members: [...values]
        .filter((member) => observed.includes(member) && !isExactInput(plan, member))
        .map((member) => planKey(plan, member)),
      spans: given.map(spanOf),
    });
  }
  return points;
}

function ambiguous({ name }: Network, key: string): QuantizeError {
  return new QuantizeError("quantize/aware", {
    where: name,
    rule: "quantisation-aware training takes layers whose values have a path each",
    got: `values inside a layer that no path names: "${key}"`,
    fix: "Build the network of named layers, or quantise after training",
    details: { key },
  });
}

/** The network for one sample with weights of nothing: its structure, as the quantiser sees it. */
function emptyGraph(network: Network, { dtype, scale, offset }: SampleEncoding): Graph {
  const samples = input("samples", dtype, [1, ...network.inputShape]);
  const real = dtype === "float32" ? samples : cast(samples, "float32");
  const scaled = scale === 1 ? real : mul(real, scale);
  const shapes = new Map(network.parameters.map(({ name, shape }) => [name, shape]));
  const value = network.forward(offset === 0 ? scaled : add(scaled, offset), {
    training: false,
    parameter: (name) => constant(zeros("float32", shapes.get(name)!), name), // the network's own names
    seed: () => input("seed", "uint32", []), // never asked for outside training
    updateStatistic: () => undefined,
  });
  return { name: network.name, inputs: [samples], outputs: [{ name: "output", value }] };
}
