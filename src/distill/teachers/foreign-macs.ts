/** @file Multiply-accumulates of a foreign ONNX model, from the shapes that it has when it runs. */

import { type OnnxGraph, type OnnxNode, withOutput } from "../../engine/onnx/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { elementCount, type Shape, type Tensor } from "../../engine/tensor/index.ts";
import { BackendError } from "../../errors/index.ts";

export interface ForeignModel {
  readonly model: Uint8Array;
  readonly file: string;
  readonly graph: OnnxGraph;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** samples in the feeds */
  readonly batchSize: number;
}

/** Operators whose products are counted. */
const counted: ReadonlySet<string> = new Set(["Conv", "Gemm", "MatMul"]);

/** Operators with products that are not counted: a model that has one gets no number. */
const uncounted: ReadonlySet<string> = new Set(
  "ConvTranspose Einsum GRU LSTM RNN Loop Scan If Attention".split(" "),
);

/**
 * Σ over Conv, Gemm and MatMul of (elements of the result · products in each), for one sample.
 *
 * @returns null where a model has other products, its own operators, or numbers that are no float32
 */
export async function foreignMacs(runtime: Runtime, foreign: ForeignModel): Promise<number | null> {
  const { graph, file, feeds, batchSize } = foreign;
  if (graph.nodes.some(({ type, domain }) => domain !== "" || uncounted.has(type))) return null;
  const weights = new Map(graph.initializers.map(({ name, value }) => [name, value.shape]));
  const nodes = graph.nodes.filter(({ type }) => counted.has(type));
  const names = nodes.flatMap(({ inputs, outputs }) => [inputs[0]!, outputs[0]!]); // they have both
  const known = new Set([...weights.keys(), ...graph.inputs.map(({ name }) => name)]);
  const tapped = names
    .filter((name) => !known.has(name))
    .map((name) => ({ name, dtype: "float32" as const, shape: undefined }))
    .reduce((bytes, tap) => withOutput(bytes, file, tap), foreign.model);
  try {
    const session = await runtime.load(tapped);
    const { outputs } = await session.run(feeds);
    await session.dispose();
    const shapeOf = (name: string): Shape =>
      weights.get(name) ?? (outputs[name] ?? feeds[name]!).shape; // tapped, or fed
    const macs = nodes.reduce((total, node) => total + macsOf(node, shapeOf, weights), 0);
    return Number.isFinite(macs) ? macs / batchSize : null;
  } catch (cause) {
    if (cause instanceof BackendError) return null;
    throw cause;
  }
}

function macsOf(
  { type, inputs, outputs, attrs }: OnnxNode,
  shapeOf: (name: string) => Shape,
  weights: ReadonlyMap<string, Shape>,
): number {
  const results = elementCount(shapeOf(outputs[0]!));
  const operand = shapeOf(inputs[0]!);
  if (type === "MatMul") return results * operand.at(-1)!;
  if (type === "Gemm") return results * operand[attrs.transA === 1n ? 0 : 1]!;
  const kernel = weights.get(inputs[1]!);
  return kernel === undefined ? Number.NaN : results * elementCount(kernel.slice(1));
}
