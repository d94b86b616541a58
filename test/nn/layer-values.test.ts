/**
 * @file Every layer, with weights, biases, scales and offsets none of which is 0 or 1, against its
 * formula written again in float64; and its shape as inferred, as evaluated, and as it comes out of
 * ONNX Runtime.
 */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { constant, input, type Value } from "../../src/graph/index.ts";
import { type Network, type ParameterSpec, sequential } from "../../src/nn/index.ts";
import { uniform } from "../../src/ops/op-cases.ts";
import { evaluateValues, referenceTensor } from "../../src/runtime/reference.ts";
import {
  elementCount,
  float32,
  permutation,
  type Shape,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { assertClose } from "../support/close.ts";
import type { Grid, LayerSample } from "../support/layer-formulas.ts";
import { layerSamples } from "../support/layer-samples.ts";
import { runGraph } from "../support/run-graph.ts";

const batch = 2;

/** Sums of some ten terms in float64; with constants that float32 rounds, 6e-8 each. */
const toleranceOf = ({ rounds = false }: LayerSample): { rtol: number; atol: number } =>
  rounds ? { rtol: 1e-6, atol: 1e-7 } : { rtol: 1e-12, atol: 1e-13 };

/** float32 throughout; sums of both signs, so absolute */
const inFloat32 = { rtol: 1e-5, atol: 1e-5 };

/** Kernels of both signs; nothing else is 0, 1, or as another element is. */
function parameterValue({ shape, role }: ParameterSpec, key: number): Tensor<"float32"> {
  return role === "kernel" ? uniform(shape, -1, 1, key) : uniform(shape, 0.2, 0.9, key);
}

interface Built {
  readonly network: Network;
  readonly x: Value;
  readonly y: Value;
  readonly samples: Tensor<"float32">;
  readonly weights: ReadonlyMap<string, Tensor<"float32">>;
}

function build({ layer, inputShape, tokens, mask }: LayerSample, training: boolean): Built {
  const network = sequential("one layer", inputShape, [["layer", layer]]);
  const weights = new Map(
    network.parameters.map((parameter, key) => [parameter.name, parameterValue(parameter, key)]),
  );
  const shape = [batch, ...inputShape];
  const count = elementCount(shape);
  const ids = Array.from(permutation(count, "tokens"), (place) => place % (tokens ?? 1));
  const real = mask && tensor("bool", [batch, inputShape[0]!], Uint8Array.from(mask.flat()));
  const x = input("x", "float32", shape);
  const y = network.forward(x, {
    training,
    parameter: (name) => constant(weights.get(name)!, name),
    seed: () => input("seed", "uint32", []),
    mask: real && constant(real),
    updateStatistic: () => undefined,
  });
  const samples = tokens === undefined ? uniform(shape, -2.5, 2.5) : float32(shape, ids);
  return { network, x, y, samples, weights };
}

/** The formula of each sample, in one batch; and the parameters it asked for. */
function expected(
  { formula, inputShape, mask }: LayerSample,
  { samples, weights }: Built,
): { readonly shape: Shape; readonly data: readonly number[]; readonly asked: Set<string> } {
  const asked = new Set<string>();
  const parameter = (own: string): Grid => {
    const name = `layer/${own}`;
    asked.add(name);
    const { shape, data } = weights.get(name)!;
    return { shape, data: [...data] };
  };
  const size = elementCount(inputShape);
  const results = Array.from({ length: batch }, (_, n) => {
    const data = [...samples.data.subarray(n * size, (n + 1) * size)];
    return formula({ shape: inputShape, data }, parameter, (p) => mask?.[n]?.[p] === 1);
  });
  return {
    shape: [batch, ...results[0]!.shape],
    data: results.flatMap(({ data }) => data),
    asked,
  };
}

describe.each(layerSamples)("$name", (sample) => {
  const modes = sample.inferenceOnly === undefined ? [false, true] : [false];

  it.each(modes)("is its formula and has the shape that it says, training %s", (training) => {
    const built = build(sample, training);
    const wanted = expected(sample, built);
    const fed = new Map([[built.x, referenceTensor(built.samples)]]);
    const result = evaluateValues([built.y], fed)[0]!;
    assertClose(sample.name, result, wanted, toleranceOf(sample));
    expect([batch, ...built.network.outputShape]).toEqual(wanted.shape);
    expect(built.y.shape).toEqual(wanted.shape);
    expect([...wanted.asked].toSorted()).toEqual([...built.weights.keys()].toSorted());
  });

  it("comes out of ONNX Runtime the same", async () => {
    const built = build(sample, false);
    const graph = { name: "layer", inputs: [built.x], outputs: [{ name: "y", value: built.y }] };
    const { y } = await runGraph(graph, { x: built.samples });
    assertClose(sample.name, referenceTensor(y!), expected(sample, built), inFloat32);
  });
});

it("every layer is among these", () => {
  const folder = new URL("../../src/nn/layers/", import.meta.url);
  const builder = /export function (\w+)\((?:(?!export function)[\s\S])*?\): LayerBuilder \{/g;
  const layers = readdirSync(folder).flatMap((file) =>
    [...readFileSync(new URL(file, folder), "utf8").matchAll(builder)].map(([, name]) => name!),
  );
  expect(layers.length).toBeGreaterThan(20);
  const shown = new Set(layerSamples.map(({ name }) => name.split(/\W/)[0]));
  expect(layers.filter((name) => !shown.has(name))).toEqual([]);
});
