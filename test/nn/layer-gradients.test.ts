/**
 * @file The gradient of every layer, of its samples and of each parameter, in training: against
 * central differences in float64, and in ONNX Runtime against float64.
 */

import { expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { constant, input, topologicalOrder, type Value } from "../../src/engine/graph/index.ts";
import { isTrainable } from "../../src/engine/nn/index.ts";
import { mul, reduceSum } from "../../src/engine/ops/index.ts";
import { evaluateValues, referenceTensor } from "../reference/evaluate.ts";
import { wrongDerivative } from "../support/central-differences.ts";
import { gradientError } from "../support/gradient-error.ts";
import { layerSamples } from "../support/layer-samples.ts";
import { buildLayer, type OneLayer } from "../support/one-layer.ts";
import { uniform } from "../support/op-cases.ts";
import { runGraph } from "../support/run-graph.ts";

/** float32: sums of some ten terms, through ten nodes or, of a GRU, a hundred. */
const inFloat32 = 1e-5;

/** @returns the inputs that have a gradient: no token ids, no running statistics */
function targets({ network, x, parameters }: OneLayer, isTokens: boolean): readonly Value[] {
  const trained = network.parameters.filter(isTrainable).map(({ name }) => parameters.get(name)!);
  return isTokens ? trained : [x, ...trained];
}

it.each(layerSamples)("$name", async (sample) => {
  const built = buildLayer(sample, true, (name, { shape }) => input(name, "float32", shape));
  const { x, y, samples, parameters, weights } = built;
  const loss = reduceSum(mul(y, constant(uniform(y.shape, 0.5, 1.5, 7))));
  const wrt = targets(built, sample.tokens !== undefined);
  const derived = gradients(loss, wrt);
  const read = new Set(topologicalOrder([loss]));
  const inputs = [x, ...parameters.values()].filter((value) => read.has(value));
  const feeds = Object.fromEntries(
    inputs.map((value) => [value.name, value === x ? samples : weights.get(value.name)!]),
  );
  const fixed = new Map(inputs.map((value) => [value, referenceTensor(feeds[value.name]!)]));
  const expected = evaluateValues(derived, fixed);
  const problem = wrongDerivative({
    value: (moved) => {
      const at = wrt.map((value, i) => [value, { shape: value.shape, data: moved[i]! }] as const);
      return evaluateValues([loss], new Map([...fixed, ...at]))[0]!.data[0]!;
    },
    inputs: wrt.map((value) => fixed.get(value)!.data),
    gradient: expected.map(({ data }) => data),
    seed: 3,
  });
  expect(problem).toBeNull();

  const outputs = derived.map((value, i) => ({ name: `d ${wrt[i]!.name}`, value }));
  const produced = await runGraph({ name: "layer", inputs, outputs }, feeds);
  const { error, name } = gradientError(
    Object.fromEntries(outputs.map((each) => [each.name, referenceTensor(produced[each.name]!)])),
    Object.fromEntries(outputs.map((each, i) => [each.name, expected[i]!])),
  );
  expect(error, name).toBeLessThan(inFloat32);
});
