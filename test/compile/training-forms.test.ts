/** @file Training writes small depthwise convolutions as dense products; other models keep Conv. */

import { describe, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { compileGraph, compileSteps, type Step } from "../../src/engine/compile/index.ts";
import { input } from "../../src/engine/graph/index.ts";
import { type OnnxNode, readOnnx } from "../../src/engine/onnx/index.ts";
import { conv2d, reduceSum, sub } from "../../src/engine/ops/index.ts";

function depthwiseStep(size: number): Step {
  const x = input("x", "float32", [8, 4, size, size]);
  const kernel = input("kernel", "float32", [4, 1, 3, 3]);
  const loss = reduceSum(conv2d(x, kernel, { groups: 4, padding: "same" }));
  const [slope] = gradients(loss, [kernel]);
  return {
    name: "depthwise",
    state: [{ before: kernel, after: sub(kernel, slope!) }],
    perStep: [x],
    metrics: [{ name: "loss", value: loss }],
  };
}

/** Types of the nodes in the loop's body. */
function bodyTypes(bytes: Uint8Array): string[] {
  const loop = readOnnx(bytes, "test").graph.nodes.find(({ type }) => type === "Loop")!;
  // the attribute is the graph that compileSteps put there
  return (loop.attrs.body as { readonly nodes: readonly OnnxNode[] }).nodes.map(({ type }) => type);
}

describe("training forms", () => {
  it("a small depthwise convolution trains as products", () => {
    expect(bodyTypes(compileSteps(depthwiseStep(6)))).not.toContain("Conv");
  });

  it("a large one stays a convolution", () => {
    expect(bodyTypes(compileSteps(depthwiseStep(20)))).toContain("Conv");
  });

  it("a form that is asked for comes first", () => {
    const types = bodyTypes(compileSteps(depthwiseStep(6), { conv2d: "operator" }));
    expect(types).toContain("Conv");
  });

  it("a model that does not train keeps the convolution", () => {
    const { perStep, state, metrics } = depthwiseStep(6);
    const inputs = [...perStep, ...state.map(({ before }) => before)];
    const model = readOnnx(compileGraph({ name: "depthwise", inputs, outputs: metrics }), "test");
    expect(model.graph.nodes.map(({ type }) => type)).toContain("Conv");
  });
});
