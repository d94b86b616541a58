/** @file An .onnx file's weights as float16: half the size, the same arithmetic in float32. */

import { ExportError } from "../../errors/index.ts";
import { type OnnxInitializer, type OnnxNode, readOnnx, writeOnnx } from "../../onnx/index.ts";
import { elementCount, float16FromFloat32 } from "../../tensor/index.ts";

/** Smaller constants stay as they are: they are scales and axes, and save nothing. */
const leastElements = 64;
const largestHalf = 65_504;

/**
 * Stores weights in float16, to nearest, and widens each by a Cast where it is used. Runtimes do
 * that once, when they load the file; every operator computes in float32 as before.
 *
 * @param file names it in messages
 * @throws ExportError "export/float16" for a weight beyond ±65504
 */
export function withHalfWeights(bytes: Uint8Array, file: string): Uint8Array {
  const model = readOnnx(bytes, file);
  const halved = model.graph.initializers.map((each) => halfOf(each, file));
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

function halfOf(whole: OnnxInitializer, file: string): Halved {
  const { name, value } = whole;
  if (value.dtype !== "float32" || elementCount(value.shape) < leastElements)
    return { initializer: whole, cast: null };
  const weights = value.data as Float32Array; // of that dtype
  const beyond = weights.find((x) => !(Math.abs(x) <= largestHalf));
  if (beyond !== undefined)
    throw new ExportError("export/float16", {
      where: `${file}, weight "${name}"`,
      rule: `weights must be within ±${largestHalf}, the largest float16`,
      got: String(beyond),
      fix: "Export in float32 (--format onnx)",
    });
  const half = `${name}/float16`;
  const data = Uint16Array.from(weights, float16FromFloat32);
  return {
    initializer: { name: half, value: { dtype: "float16", shape: value.shape, data } },
    cast: { type: "Cast", domain: "", inputs: [half], outputs: [name], attrs: { to: 1n } }, // FLOAT
  };
}
