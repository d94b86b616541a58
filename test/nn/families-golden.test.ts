/**
 * @file Every family against its restatement in PyTorch with the same weights: parameters, logits
 * in both modes, gradients; and against ONNX Runtime with a free batch axis.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { constant, type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import {
  buildNetwork,
  isTrainable,
  type Network,
  type NetworkSpec,
} from "../../src/engine/nn/index.ts";
import { mul, reduceSum } from "../../src/engine/ops/index.ts";
import { elementCount, float32, type Shape, type Tensor } from "../../src/engine/tensor/index.ts";
import { evaluateReference, referenceTensor } from "../reference/evaluate.ts";
import { assertClose } from "../support/close.ts";
import { runGraph } from "../support/run-graph.ts";

interface GoldenCase {
  readonly name: string;
  readonly spec: NetworkSpec;
  readonly batch: number;
  readonly inputShape: Shape;
  readonly classes: number;
  /** token ids, or null for the pattern */
  readonly input: readonly number[] | null;
  readonly inference: readonly number[];
  readonly training: readonly number[];
  readonly parameters: Readonly<
    Record<string, { shape: Shape; gradientAlong?: number; gradientNorm?: number }>
  >;
}

const { cases } = JSON.parse(
  readFileSync(new URL("../golden/families.json", import.meta.url), "utf8"),
) as { cases: GoldenCase[] }; // written by scripts/golden/families.py

/** The script's formula: numbers in [−0.5, 0.5), a function of name and place. */
function pattern(name: string, count: number): number[] {
  const key = [...name].reduce((sum, letter, i) => sum + (i + 1) * letter.charCodeAt(0), 0);
  return Array.from(
    { length: count },
    (_, i) => ((i * 7919 + (key % 10_007) * 104_729) % 2003) / 2003 - 0.5,
  );
}

function startOf(name: string, shape: Shape): Tensor<"float32"> {
  const count = elementCount(shape);
  const kind = name.split("/").at(-1)!;
  const values = pattern(name, count);
  if (kind === "scale" || kind === "variance")
    return float32(
      shape,
      values.map((x) => x + 1),
    );
  const plain = kind === "offset" || kind === "mean" || kind.toLowerCase().endsWith("bias");
  const size = plain ? 1 : 3 / Math.sqrt(count / Math.max(...shape));
  return float32(
    shape,
    values.map((x) => x * size),
  );
}

/** Logits as a graph whose inputs are the samples and, if asked, the parameters. */
function logitsOf(
  network: Network,
  { batch, training }: { batch: number; training: boolean },
): { samples: Value; parameters: ReadonlyMap<string, Value>; logits: Value } {
  const samples = input("samples", "float32", [batch, ...network.inputShape]);
  const parameters = new Map(
    network.parameters.map(({ name, shape }) => [name, input(name, "float32", shape)]),
  );
  const logits = network.forward(samples, {
    training,
    parameter: (name) => parameters.get(name)!, // the network's own names
    seed: () => constant(float32([], [0])), // no case has dropout
    updateStatistic: () => undefined,
  });
  return { samples, parameters, logits };
}

function feedsOf(golden: GoldenCase, network: Network): Record<string, Tensor> {
  const shape = [golden.batch, ...golden.inputShape];
  const numbers = golden.input ?? pattern("input", elementCount(shape)).map((x) => 2 * x);
  return {
    samples: float32(shape, numbers),
    ...Object.fromEntries(network.parameters.map((p) => [p.name, startOf(p.name, p.shape)])),
  };
}

const inFloat64 = (feeds: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, referenceTensor(t)]));

/** Float64 on both sides; gelu's constants, 1 / √width and ε are float32 numbers in the graph. */
const float64Noise = { rtol: 1e-6, atol: 1e-7 };
/** Some dozen layers in float32, and batch normalisation, which divides by small deviations. */
const float32Noise = { rtol: 1e-4, atol: 1e-4 };

describe.each(cases)("$name", (golden) => {
  const network = buildNetwork(golden.spec, golden.inputShape, golden.classes);
  const feeds = feedsOf(golden, network);

  it("has the parameters that the restatement asks for", () => {
    expect(Object.fromEntries(network.parameters.map((p) => [p.name, p.shape]))).toEqual(
      Object.fromEntries(Object.entries(golden.parameters).map(([name, p]) => [name, p.shape])),
    );
  });

  it("gives PyTorch's outputs in inference mode", () => {
    const { samples, parameters, logits } = logitsOf(network, { ...golden, training: false });
    expect(logits.shape).toEqual([golden.batch, ...network.outputShape]);
    const graph = graphOf([samples, ...parameters.values()], { logits });
    const { shape } = logits;
    const result = evaluateReference(graph, inFloat64(feeds)).logits!;
    assertClose("outputs", result, { shape, data: golden.inference }, float64Noise);
  });

  it("gives PyTorch's outputs and gradients in training mode", () => {
    const { samples, parameters, logits } = logitsOf(network, { ...golden, training: true });
    const cotangent = float32(logits.shape, pattern("cotangent", elementCount(logits.shape)));
    const loss = reduceSum(mul(logits, constant(cotangent)));
    const names = network.parameters.filter(isTrainable).map(({ name }) => name);
    const derived = gradients(
      loss,
      names.map((name) => parameters.get(name)!),
    );
    const outputs = Object.fromEntries(derived.map((value, i) => [`d ${names[i]}`, value]));
    const graph = graphOf([samples, ...parameters.values()], { logits, ...outputs });
    const results = evaluateReference(graph, inFloat64(feeds));
    const { shape } = logits;
    assertClose("outputs", results.logits!, { shape, data: golden.training }, float64Noise);
    for (const name of names) {
      const { data } = results[`d ${name}`]!;
      const direction = pattern(`direction ${name}`, data.length);
      const along = data.reduce((sum, x, i) => sum + x * direction[i]!, 0);
      const { gradientAlong, gradientNorm } = golden.parameters[name]!;
      // relative to the whole gradient; parameters whose gradient cancels have only rounding left
      const allowed = 1e-6 * gradientNorm! + 1e-7;
      expect(Math.abs(along - gradientAlong!), `${name}: ${along}`).toBeLessThan(allowed);
      expect(Math.abs(Math.hypot(...data) - gradientNorm!), name).toBeLessThan(allowed);
    }
  });

  it("built for one sample, runs in ONNX Runtime on a batch", async () => {
    const samples = input("samples", "float32", [1, ...network.inputShape]);
    const logits = network.forward(samples, {
      training: false,
      parameter: (name) => constant(feeds[name]!, name),
      seed: () => constant(float32([], [0])),
      updateStatistic: () => undefined,
    });
    const graph = graphOf([samples], { logits });
    const produced = await runGraph(graph, { samples: feeds.samples! }, { batchAxis: "batch" });
    const shape = [golden.batch, ...network.outputShape];
    const result = referenceTensor(produced.logits!);
    assertClose("outputs", result, { shape, data: golden.inference }, float32Noise);
  });
});

function graphOf(inputs: readonly Value[], outputs: Readonly<Record<string, Value>>): Graph {
  return {
    name: "family",
    inputs,
    outputs: Object.entries(outputs).map(([name, value]) => ({ name, value })),
  };
}
