/**
 * @file Every layer, with weights, biases, scales and offsets none of which is 0 or 1, against its
 * formula written again in float64; and its shape as inferred, as evaluated, and as it comes out of
 * ONNX Runtime.
 */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { constant, type Value } from "../../src/engine/graph/index.ts";
import { elementCount, type Shape, type Tensor } from "../../src/engine/tensor/index.ts";
import { evaluateValues, referenceTensor } from "../reference/evaluate.ts";
import { assertClose } from "../support/close.ts";
import type { Grid, LayerSample } from "../support/layer-formulas.ts";
import { layerSamples } from "../support/layer-samples.ts";
import { batch, buildLayer, type OneLayer } from "../support/one-layer.ts";
import { runGraph } from "../support/run-graph.ts";

/** Sums of some ten terms in float64; with constants that float32 rounds, 6e-8 each. */
const toleranceOf = ({ rounds = false }: LayerSample): { rtol: number; atol: number } =>
  rounds ? { rtol: 1e-6, atol: 1e-7 } : { rtol: 1e-12, atol: 1e-13 };

/** float32 throughout; sums of both signs, so absolute */
const inFloat32 = { rtol: 1e-5, atol: 1e-5 };

const weightsStay = (name: string, weights: Tensor): Value => constant(weights, name);

/** The formula of each sample, in one batch; and the parameters it asked for. */
function expected(
  { formula, inputShape, mask }: LayerSample,
  { samples, weights }: OneLayer,
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
    const built = buildLayer(sample, training, weightsStay);
    const wanted = expected(sample, built);
    const fed = new Map([[built.x, referenceTensor(built.samples)]]);
    const result = evaluateValues([built.y], fed)[0]!;
    assertClose(sample.name, result, wanted, toleranceOf(sample));
    expect([batch, ...built.network.outputShape]).toEqual(wanted.shape);
    expect(built.y.shape).toEqual(wanted.shape);
    expect([...wanted.asked].toSorted()).toEqual([...built.weights.keys()].toSorted());
  });

  it("comes out of ONNX Runtime the same", async () => {
    const built = buildLayer(sample, false, weightsStay);
    const graph = { name: "layer", inputs: [built.x], outputs: [{ name: "y", value: built.y }] };
    const { y } = await runGraph(graph, { x: built.samples });
    assertClose(sample.name, referenceTensor(y!), expected(sample, built), inFloat32);
  });
});

it("every layer is among these", () => {
  const folder = new URL("../../src/engine/nn/layers/", import.meta.url);
  const builder = /export function (\w+)\((?:(?!export function)[\s\S])*?\): LayerBuilder \{/g;
  const layers = readdirSync(folder).flatMap((file) =>
    [...readFileSync(new URL(file, folder), "utf8").matchAll(builder)].map(([, name]) => name!),
  );
  expect(layers.length).toBeGreaterThan(20);
  const shown = new Set(layerSamples.map(({ name }) => name.split(/\W/)[0]));
  expect(layers.filter((name) => !shown.has(name))).toEqual([]);
});
