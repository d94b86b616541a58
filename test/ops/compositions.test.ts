/**
 * @file Compositions against other software: values and gradients in float64 and in ONNX Runtime,
 * and derivatives against central differences.
 */

import { describe, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { constant, type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import {
  concat,
  conv1d,
  convTranspose2d,
  type GruGate,
  type GruOptions,
  gelu,
  groupNormalization,
  gru,
  hardSigmoid,
  hardSwish,
  layerNormalization,
  logMel,
  mul,
  powerSpectrogram,
  reduceSum,
  reshape,
  scaledDotProductAttention,
  silu,
  slice,
} from "../../src/engine/ops/index.ts";
import { isFloat } from "../../src/engine/tensor/index.ts";
import { evaluateReference, referenceTensor } from "../reference/evaluate.ts";
import { wrongDerivative } from "../support/central-differences.ts";
import { assertClose } from "../support/close.ts";
import {
  type GoldenComposition,
  goldenCompositions,
  tensorOf,
} from "../support/golden-compositions.ts";
import { runGraph } from "../support/run-graph.ts";

type Inputs = Readonly<Record<string, Value>>;
// biome-ignore lint/suspicious/noExplicitAny: a golden file's options are those of its composition
type Build = (inputs: Inputs, options: any) => Value;

const activations: Readonly<Record<string, Build>> = {
  gelu: ({ x }, { form }) => gelu(x!, form === undefined ? {} : { form }),
  silu: ({ x }) => silu(x!),
  hardSigmoid: ({ x }) => hardSigmoid(x!),
  hardSwish: ({ x }) => hardSwish(x!),
};

/** All states, [batch, time, units], of x [batch, time, features]. */
function gruStates(inputs: Inputs, options: GruOptions): Value {
  const [batch, time, features] = inputs.x!.shape as readonly [number, number, number]; // the golden file's
  const steps = Array.from({ length: time }, (_, t) =>
    reshape(slice(inputs.x!, { starts: [t], ends: [t + 1], axes: [1] }), [batch, features]),
  );
  const gate = (name: string): GruGate => ({
    kernel: inputs[`${name}Kernel`]!,
    recurrentKernel: inputs[`${name}RecurrentKernel`]!,
    bias: inputs[`${name}Bias`]!,
    ...(inputs[`${name}RecurrentBias`] && { recurrentBias: inputs[`${name}RecurrentBias`]! }),
  });
  const weights = { reset: gate("reset"), update: gate("update"), candidate: gate("candidate") };
  const initial = inputs.initial && { initialState: inputs.initial };
  const states = gru(steps, weights, { ...options, ...initial });
  return concat(
    states.map((state) => reshape(state, [batch, 1, state.shape[1]!])),
    1,
  );
}

/** By golden file. */
const builders: Readonly<Record<string, Build>> = {
  activations: (inputs, options) => activations[options.activation]!(inputs, options),
  attention: ({ query, key, value, mask }, options) =>
    scaledDotProductAttention(query!, key!, value!, { ...options, ...(mask && { mask }) }),
  conv1d: ({ x, kernel, bias }, options) =>
    conv1d(x!, kernel!, { ...options, ...(bias && { bias }) }),
  "conv-transpose2d": ({ x, kernel, bias }, options) =>
    convTranspose2d(x!, kernel!, { ...options, ...(bias && { bias }) }),
  "group-normalization": ({ x, scale, bias }, options) =>
    groupNormalization(x!, scale!, bias!, options),
  gru: gruStates,
  "layer-normalization": ({ x, scale, bias }, options) =>
    layerNormalization(x!, scale!, bias!, options),
  "log-mel": ({ x }, options) => logMel(x!, options),
  "power-spectrogram": ({ x }, options) => powerSpectrogram(x!, options),
};

/**
 * Float64 against float64, but numbers that stand in the graph are rounded to float32 (6e-8 of
 * them): those of activations and Fourier kernels. Deviations next to a mean of 512 keep 512e-13.
 */
const exactly = { rtol: 1e-10, atol: 1e-11 };
const float32Constants = { rtol: 3e-7, atol: 1e-7 };
const goldenTolerance: Readonly<Record<string, typeof exactly>> = {
  activations: float32Constants,
  attention: float32Constants,
  "log-mel": { rtol: 1e-6, atol: 3e-6 },
  "power-spectrogram": { rtol: 1e-6, atol: 3e-6 },
};

/**
 * Float32 in the runtime: some dozens of operations one after another. Normalising numbers near 512
 * loses nine bits of 24; the logarithm's derivative divides by powers near the floor.
 */
function runtimeTolerance(file: string, { name }: GoldenComposition): typeof exactly {
  if (name === "a large mean") return { rtol: 2e-3, atol: 2e-3 };
  if (file === "log-mel") return { rtol: 2e-4, atol: 2e-4 };
  return { rtol: 1e-5, atol: 1e-5 };
}

interface Built {
  readonly graph: Graph;
  readonly names: readonly string[];
}

function graphOf(build: Build, golden: GoldenComposition): Built {
  const placeholders = Object.fromEntries(
    Object.entries(golden.inputs).map(([name, { dtype, shape }]) => [
      name,
      input(name, dtype, shape),
    ]),
  );
  const value = build(placeholders, golden.options);
  const loss = reduceSum(mul(value, constant(tensorOf(golden.cotangent))));
  const names = Object.keys(placeholders).filter((name) => isFloat(placeholders[name]!.dtype));
  const derived = gradients(
    loss,
    names.map((name) => placeholders[name]!),
  );
  const outputs = [
    { name: "result", value },
    { name: "loss", value: loss },
    ...derived.map((gradient, i) => ({ name: `d ${names[i]}`, value: gradient })),
  ];
  return { graph: { name: "case", inputs: Object.values(placeholders), outputs }, names };
}

describe.each(Object.entries(builders))("%s", (file, build) => {
  const cases = goldenCompositions(file).map((golden) => ({
    ...golden,
    ...graphOf(build, golden),
  }));

  it.each(cases)("value and gradients = golden: $name", ({ graph, names, ...golden }) => {
    const results = evaluateReference(graph, referenceFeeds(golden));
    const tolerance = goldenTolerance[file] ?? exactly;
    assertClose("value", results.result!, golden.value, tolerance);
    for (const name of names)
      assertClose(`d ${name}`, results[`d ${name}`]!, golden.gradients[name]!, tolerance);
  });

  it.each(cases)("ONNX Runtime = reference: $name", async ({ graph, ...golden }) => {
    const expected = evaluateReference(graph, referenceFeeds(golden));
    const feeds = Object.entries(golden.inputs).map(([name, t]) => [name, tensorOf(t)]);
    const produced = await runGraph(graph, Object.fromEntries(feeds));
    for (const { name, value } of graph.outputs.filter((output) => output.name !== "loss")) {
      expect([name, ...produced[name]!.shape]).toEqual([name, ...value.shape]);
      const tolerance = runtimeTolerance(file, golden);
      assertClose(name, referenceTensor(produced[name]!), expected[name]!, tolerance);
    }
  });

  it.each(cases.filter(({ name }) => !name.endsWith("tails")))(
    "derivative = central differences: $name",
    ({ graph, names, ...golden }) => {
      const fixed = referenceFeeds(golden);
      const results = evaluateReference(graph, fixed);
      const problem = wrongDerivative({
        value: (moved) => {
          const changed = names.map((name, i) => [name, { ...fixed[name]!, data: moved[i]! }]);
          const feeds = { ...fixed, ...Object.fromEntries(changed) };
          return evaluateReference(graph, feeds).loss!.data[0]!;
        },
        inputs: names.map((name) => fixed[name]!.data),
        gradient: names.map((name) => results[`d ${name}`]!.data),
        seed: 3,
      });
      expect(problem).toBeNull();
    },
  );
});

function referenceFeeds(golden: Pick<GoldenComposition, "inputs">) {
  return Object.fromEntries(
    Object.entries(golden.inputs).map(([name, t]) => [name, referenceTensor(tensorOf(t))]),
  );
}
