/**
 * @file A graph as an .onnx file to ship: free batch axis, opset stated, and nothing in it that
 * does not belong to it.
 */

import { compileGraph, onnxOpset } from "../../../engine/compile/index.ts";
import type { Graph } from "../../../engine/graph/index.ts";
import { readOnnx } from "../../../engine/onnx/index.ts";
import { elementCount } from "../../../engine/tensor/index.ts";
import { ExportError } from "../../../errors/index.ts";

export interface OnnxExport {
  readonly bytes: Uint8Array;
  readonly opset: number;
  /** elements of all tensors in the file */
  readonly storedElements: number;
}

export interface ExportOnnxOptions {
  /** elements that the graph's own weights have: the size gate */
  readonly weightElements: number;
  /** kept in the file: class names, preprocessing */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Constants that are no weights: axes, scales. Far below the smallest teacher. */
const constantElements = 4096;

/**
 * @param graph built for batch 1, weights as constants; its result must not depend on the batch
 *   size otherwise
 * @throws ExportError "export/size-gate" if the file holds more than the weights: a teacher,
 *   optimiser slots
 */
export function exportOnnx(graph: Graph, options: ExportOnnxOptions): OnnxExport {
  const bytes = compileGraph(graph, {
    batchAxis: "batch",
    ...(options.metadata && { metadata: options.metadata }),
  });
  const { graph: written } = readOnnx(bytes, "the exported model");
  const storedElements = written.initializers.reduce(
    (total, { value }) => total + elementCount(value.shape),
    0,
  );
  if (storedElements > options.weightElements + constantElements)
    throw new ExportError("export/size-gate", {
      where: "exportOnnx",
      rule: `the file may hold the student's ${options.weightElements} weights and small constants only`,
      got: `${storedElements} elements`,
      fix: "Export the student's own graph, without the teacher and without optimiser slots",
      details: { storedElements, weightElements: options.weightElements },
    });
  return { bytes, opset: onnxOpset, storedElements };
}
