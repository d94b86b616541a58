/** @file How far ONNX Runtime's results lie from the integer reference. */

import type { Dataset } from "../../src/data/index.ts";
import { exportOnnxInt8 } from "../../src/device/export/index.ts";
import {
  type QuantizedGraph,
  quantizeSamples,
  type Rounding,
  runQuantized,
} from "../../src/device/quantize/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { allocate, elementCount, type Tensor } from "../../src/engine/tensor/index.ts";

/**
 * @param rounding of the reference; default onnxruntime
 * @returns |difference| in steps of the output, for each value of the first `count` samples
 */
export async function stepsApart(
  runtime: Runtime,
  graph: QuantizedGraph,
  data: Dataset,
  count: number = data.length,
  rounding: Rounding = "onnxruntime",
): Promise<number[]> {
  const size = elementCount(data.shape);
  const all = allocate(data.dtype, count * size);
  await data.gather(
    Int32Array.from({ length: count }, (_, at) => at),
    all,
  );
  const samples = { dtype: data.dtype, shape: [count, ...data.shape], data: all } as Tensor; // dtype and array go together
  const session = await runtime.load(exportOnnxInt8(graph));
  const real = (await session.run({ samples })).outputs.logits!.data as Float32Array;
  await session.dispose();
  const { scale, zeroPoint } = graph.tensors[graph.output]!;
  const input = graph.tensors[graph.input]!;
  return Array.from({ length: count }, (_, at) => at).flatMap((at) => {
    const sample = all.slice(at * size, (at + 1) * size);
    const integer = [
      ...runQuantized(graph, quantizeSamples(sample, graph.sample, input), rounding),
    ];
    return integer.map((q, i) =>
      Math.abs(Math.round(real[at * integer.length + i]! / scale) + zeroPoint - q),
    );
  });
}
