import { describe, expect, it } from "vitest";
import { probeConvolutionBlock } from "./convolution-block.ts";
import type { OrtBackend } from "./ort-runtime.ts";

/** A backend whose session answers with these numbers, whatever it is asked. */
function answering(numbers: Readonly<Record<string, readonly number[]>>): OrtBackend {
  const outputs = Object.entries(numbers).map(([name, values]) => [
    name,
    { type: "float32", dims: [values.length], data: Float32Array.from(values) },
  ]);
  return {
    name: "test",
    version: "0",
    kernels: "all",
    convolutionBlock: 0,
    makeTensor: ({ dtype, shape, data }) => ({ type: dtype, dims: shape, data }),
    createSession: async () => ({
      inputNames: ["x", "w"],
      outputNames: Object.keys(numbers),
      run: async () => Object.fromEntries(outputs),
      release: async () => {},
    }),
  };
}

describe("probeConvolutionBlock", () => {
  it("takes the size whose layout gives the right numbers", async () => {
    expect(await probeConvolutionBlock(answering({ y: [1], y16: [1], y8: [2] }))).toBe(16);
    expect(await probeConvolutionBlock(answering({ y: [1], y16: [2], y8: [1] }))).toBe(8);
  });

  it("keeps to plain convolutions where no size does", async () => {
    expect(await probeConvolutionBlock(answering({ y: [1], y16: [2], y8: [2] }))).toBe(0);
  });

  it("keeps to plain convolutions where the runtime refuses the operators", async () => {
    const createSession = () => Promise.reject(new Error("no such operator set"));
    expect(await probeConvolutionBlock({ ...answering({ y: [1] }), createSession })).toBe(0);
  });
});
