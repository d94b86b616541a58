/** @file Graph → optimised graph → bytes of an ONNX model. */

import { type Graph, verifyGraph } from "../graph/index.ts";
import { writeOnnx } from "../onnx/index.ts";
import { emitGraph } from "./emit-graph.ts";
import type { FormChoice } from "./forms.ts";
import { optimizeGraph } from "./optimize-graph.ts";

/** The operator set that every emitted model states. */
export const onnxOpset = 18;

export interface CompileOptions {
  readonly forms?: FormChoice;
  /**
   * name for axis 0 of every input and output, making the batch size free; the graph must not
   * depend on it
   */
  readonly batchAxis?: string;
  /** key → value pairs kept in the file */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** @throws GraphError "graph/invalid". @returns the bytes of an .onnx file */
export function compileGraph(graph: Graph, options: CompileOptions = {}): Uint8Array {
  verifyGraph(graph);
  const forms = options.forms ?? {};
  return writeOnnx({
    opset: onnxOpset,
    graph: emitGraph(optimizeGraph(graph, forms), forms, options.batchAxis),
    metadata: options.metadata ?? {},
  });
}
