/** @file Convolutions in the runtime's blocked layout give what plain ones give. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileGraph, trainingForms } from "../../src/engine/compile/index.ts";
import { input, type Value } from "../../src/engine/graph/index.ts";
import { readOnnx } from "../../src/engine/onnx/index.ts";
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from "../../src/engine/ops/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { randomStream, type Tensor } from "../../src/engine/tensor/index.ts";

const { uniform } = randomStream(3, "blocked");
let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

function numbers({ shape }: Value): Tensor {
  const length = shape.reduce((product, size) => product * size, 1);
  return { dtype: "float32", shape, data: Float32Array.from({ length }, () => uniform() - 0.5) };
}

/**
 * Runs `build` with and without blocks. @returns both results and the operator sets of the model
 */
async function bothForms(inputs: readonly Value[], output: Value) {
  const graph = { name: "g", inputs, outputs: [{ name: "y", value: output }] };
  const feeds = Object.fromEntries(inputs.map((each) => [each.name, numbers(each)]));
  const [plain, blocked] = [0, runtime.convolutionBlock].map((block) =>
    compileGraph(graph, { forms: trainingForms(block) }),
  );
  const run = async (model: Uint8Array): Promise<Float32Array> => {
    const session = await runtime.load(model);
    const { outputs } = await session.run(feeds);
    await session.dispose();
    return outputs.y!.data as Float32Array; // the graph's dtype
  };
  const domains = readOnnx(blocked!, "test").graph.nodes.map(({ domain }) => domain);
  return { plain: await run(plain!), blocked: await run(blocked!), domains };
}

const largest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0);

/** Sums of up to 600 products below 1/4 in another order. */
const tolerance = 2e-5;

const shapes = [
  {
    name: "depthwise",
    from: 32,
    to: 32,
    size: [9, 7],
    kernel: [3, 3],
    options: { groups: 32, padding: "same" },
  },
  {
    name: "depthwise, stride 2, bias",
    from: 16,
    to: 16,
    size: [9, 8],
    kernel: [3, 2],
    options: { groups: 16, strides: [2, 2] },
  },
  { name: "16 to 32 channels", from: 16, to: 32, size: [9, 7], kernel: [3, 3], options: {} },
  {
    name: "padding and bias",
    from: 32,
    to: 16,
    size: [8, 8],
    kernel: [3, 3],
    options: { padding: "same" },
  },
  {
    name: "stride 2",
    from: 16,
    to: 16,
    size: [9, 9],
    kernel: [3, 3],
    options: { strides: [2, 2], padding: "same" },
  },
  {
    name: "dilations",
    from: 16,
    to: 16,
    size: [11, 9],
    kernel: [3, 2],
    options: { dilations: [2, 3] },
  },
  { name: "1x1", from: 64, to: 48, size: [5, 6], kernel: [1, 1], options: {} },
  {
    name: "few input channels",
    from: 3,
    to: 16,
    size: [8, 9],
    kernel: [5, 3],
    options: { padding: "same" },
  },
] as const;

describe("blocked convolutions", () => {
  it.each(shapes)("conv2d: $name", async ({ name, from, to, size, kernel, options }) => {
    if (runtime.convolutionBlock === 0) return expect(process.arch).not.toBe("x64");
    const x = input("x", "float32", [2, from, ...size]);
    const w = input("w", "float32", [to, "groups" in options ? 1 : from, ...kernel]);
    const bias = input("bias", "float32", [to]);
    const isBiased = name.endsWith("bias");
    const y = conv2d(x, w, { ...options, ...(isBiased && { bias }) });
    const { plain, blocked, domains } = await bothForms(isBiased ? [x, w, bias] : [x, w], y);
    expect(domains).toContain("com.microsoft.nchwc");
    expect(largest(plain, blocked)).toBeLessThan(tolerance);
  });

  it.each(shapes)("conv2dInputGrad: $name", async ({ from, to, size, kernel, options }) => {
    if (runtime.convolutionBlock === 0) return expect(process.arch).not.toBe("x64");
    const x = input("x", "float32", [2, from, ...size]);
    const w = input("w", "float32", [to, "groups" in options ? 1 : from, ...kernel]);
    const dy = input("dy", "float32", conv2d(x, w, options).shape);
    const { plain, blocked, domains } = await bothForms(
      [dy, w],
      conv2dInputGrad(dy, w, size, options),
    );
    const flips = from % 16 === 0 && !("strides" in options);
    expect(domains.includes("com.microsoft.nchwc")).toBe(flips);
    expect(largest(plain, blocked)).toBeLessThan(tolerance);
  });

  it.each([
    ...shapes.filter(({ options }) => "groups" in options),
    {
      name: "depthwise, dilation, places that no window reaches",
      from: 16,
      to: 16,
      size: [12, 10],
      kernel: [3, 2],
      options: { groups: 16, strides: [3, 3], dilations: [1, 2], padding: [1, 0, 0, 1] },
    },
  ] as const)("conv2dWeightGrad: $name", async ({ from, to, size, kernel, options }) => {
    if (runtime.convolutionBlock === 0) return expect(process.arch).not.toBe("x64");
    const x = input("x", "float32", [3, from, ...size]);
    const w = input("w", "float32", [to, 1, ...kernel]);
    const dy = input("dy", "float32", conv2d(x, w, options).shape);
    const gradient = conv2dWeightGrad(x, dy, kernel, options);
    const { plain, blocked, domains } = await bothForms([x, dy], gradient);
    expect(domains).toContain("com.microsoft.nchwc");
    expect(largest(plain, blocked)).toBeLessThan(tolerance);
  });

  it("channels that no block fits, and groups, stay plain", async () => {
    const x = input("x", "float32", [1, 16, 6, 6]);
    const w = input("w", "float32", [20, 16, 3, 3]);
    expect((await bothForms([x, w], conv2d(x, w))).domains).not.toContain("com.microsoft.nchwc");
    const halves = input("w", "float32", [32, 8, 3, 3]);
    const grouped = conv2d(x, halves, { groups: 2 });
    expect((await bothForms([x, halves], grouped)).domains).not.toContain("com.microsoft.nchwc");
  });
});
