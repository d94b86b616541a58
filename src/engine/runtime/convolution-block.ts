/** @file Finds how many channels a block of ONNX Runtime's own convolution layout has. */

import { type OnnxNode, writeOnnx } from "../onnx/index.ts";
import type { OrtBackend } from "./ort-runtime.ts";

/** 8 floats with AVX, 16 with AVX-512. */
const candidates = [16, 8] as const;

/** Of the probe's image and kernel, each 1x1. */
const channels = 16;

/**
 * Runs one small convolution in the usual layout and as blocks of each candidate size would have
 * it; a kernel laid out for the wrong size gives other numbers.
 *
 * @returns 16, 8, or 0 if the runtime refuses its own operators or no size gives the right numbers
 */
export async function probeConvolutionBlock(backend: OrtBackend): Promise<number> {
  try {
    const session = await backend.createSession(probeModel(), {});
    const image = Float32Array.from({ length: channels }, (_, i) => 1 + (i % 5));
    const kernel = Float32Array.from({ length: channels ** 2 }, (_, i) => ((i * 7) % 23) - 11);
    const result = await session.run({
      x: backend.makeTensor({ dtype: "float32", shape: [1, channels, 1, 1], data: image }),
      w: backend.makeTensor({
        dtype: "float32",
        shape: [channels, channels, 1, 1],
        data: kernel,
      }),
    });
    await session.release();
    const numbers = (name: string): string => String(result[name]?.data); // small integers: exact
    return candidates.find((block) => numbers(`y${block}`) === numbers("y")) ?? 0;
  } catch {
    return 0; // another version of the runtime: plain convolutions do
  }
}

function probeModel(): Uint8Array {
  const axes = (name: string, values: readonly number[]) => ({
    name,
    value: {
      dtype: "int64" as const,
      shape: [values.length],
      data: BigInt64Array.from(values, BigInt),
    },
  });
  const conv = { kernel_shape: [1n, 1n], group: 1n };
  return writeOnnx({
    opset: 18,
    metadata: {},
    graph: {
      name: "probe",
      nodes: [
        { type: "Conv", domain: "", inputs: ["x", "w"], outputs: ["y"], attrs: conv },
        { ...blocked("ReorderInput", ["x"], "blocks"), attrs: { channels_last: 0n } },
        ...candidates.flatMap((block) => blockedConv(block)),
      ],
      initializers: [
        axes("kernel", [channels, channels, 1, 1]),
        ...candidates.map((b) => axes(`split${b}`, [channels / b, b, channels / b, b])),
      ],
      inputs: [
        { name: "x", dtype: "float32", shape: [1, channels, 1, 1] },
        { name: "w", dtype: "float32", shape: [channels, channels, 1, 1] },
      ],
      outputs: ["y", ...candidates.map((block) => `y${block}`)].map((name) => ({
        name,
        dtype: "float32" as const,
        shape: [1, channels, 1, 1],
      })),
    },
  });

  function blockedConv(block: number): OnnxNode[] {
    const name = (part: string): string => `${part}${block}`;
    const plain = (type: string, inputs: string[], output: string): OnnxNode => ({
      type,
      domain: "",
      inputs,
      outputs: [output],
      attrs: {},
    });
    return [
      plain("Reshape", ["w", name("split")], name("parts")),
      // [out/B, in/B, B of in, B of out]
      {
        ...plain("Transpose", [name("parts")], name("turned")),
        attrs: { perm: [0n, 2n, 3n, 1n] },
      },
      plain("Reshape", [name("turned"), "kernel"], name("w")),
      { ...blocked("Conv", ["blocks", name("w")], name("z")), attrs: conv },
      {
        ...blocked("ReorderOutput", [name("z")], name("y")),
        attrs: { channels: BigInt(channels), channels_last: 0n },
      },
    ];
  }
}

function blocked(type: string, inputs: string[], output: string): OnnxNode {
  return { type, domain: "com.microsoft.nchwc", inputs, outputs: [output], attrs: {} };
}
