/** @file An .onnx file's weights as float16: half the size, the same arithmetic in float32. */

import {
  type OnnxInitializer,
  type OnnxNode,
  readOnnx,
  writeOnnx,
} from "../../../engine/onnx/index.ts";
import { elementCount, float16FromFloat32 } from "../../../engine/tensor/index.ts";

/** Smaller constants stay as they are: they are scales and axes, and save nothing. */
const leastElements = 64;
const largestHalf = 65_504;

/**
 * Stores weights in float16, to nearest, and widens each by a Cast where it is used. Runtimes do
 * that once, when they load the file; every operator computes in float32 as before. Constants with
 * a number beyond ±65504 stay in float32.
 *
 * @param file names it in messages
 */
export function withHalfWeights(bytes: Uint8Array, file: string): Uint8Array {
  const model = readOnnx(bytes, file);
  const halved = model.graph.initializers.map(halfOf);
  const casts = halved.flatMap(({ cast }) => (cast === null ? [] : [cast]));
  const graph = {
    ...model.graph,
    initializers: halved.map(({ initializer }) => initializer),
    nodes: [...casts, ...model.graph.nodes],
  };
  return writeOnnx({ ...model, graph });
}

interface Halved {
  readonly initializer: OnnxInitializer;
  readonly cast: OnnxNode | null;
}

function halfOf(whole: OnnxInitializer): Halved {
  const { name, value } = whole;
  const weights = value.data as Float32Array; // looked at where it is
  const isHalved =
    value.dtype === "float32" &&
    elementCount(value.shape) >= leastElements &&
    weights.every((x) => Math.abs(x) <= largestHalf);
  if (!isHalved) return { initializer: whole, cast: null };
  const half = `${name}/float16`;
  const data = Uint16Array.from(weights, float16FromFloat32);
  return {
    initializer: { name: half, value: { dtype: "float16", shape: value.shape, data } },
    cast: { type: "Cast", domain: "", inputs: [half], outputs: [name], attrs: { to: 1n } }, // FLOAT
  };
}
