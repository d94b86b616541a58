/** @file The integer reference: runs an integer network in plain loops, exactly. */

import { elementCount } from "../../../engine/tensor/index.ts";
import { assertKnown, QuantizeError } from "../../../errors/index.ts";
import { assertQuantized } from "../assert.ts";
import type { QuantizedGraph } from "../quantized-graph.ts";
import { type Rounding, roundings } from "../rounding.ts";
import { runAdd, runConcat, runLookup, runRequantize, runSwapAxes } from "./elementwise.ts";
import { runGru } from "./gru.ts";
import type { Integers, LayerRun } from "./layer-run.ts";
import { runPool } from "./pool.ts";
import { runSoftmax } from "./softmax.ts";
import { runConv2d, runDense, runDepthwiseConv2d } from "./weighted.ts";

/**
 * @param input int8, one sample as quantizeSamples gives it
 * @param rounding default tflm, which the generated C has
 * @returns every tensor, in the order of `graph.tensors`
 * @throws QuantizeError "quantize/graph", "quantize/sample" for an input of another length;
 *   ConfigError "config/unknown-name" for another rounding
 */
export function traceQuantized(
  graph: QuantizedGraph,
  input: Int8Array,
  rounding: Rounding = "tflm",
): readonly Integers[] {
  assertQuantized("runQuantized", graph);
  assertKnown("runQuantized", "rounding", rounding, roundings);
  const expected = elementCount(graph.tensors[graph.input]!.shape);
  if (input.length !== expected)
    throw new QuantizeError("quantize/sample", {
      where: graph.name,
      rule: `a sample has ${expected} elements`,
      got: String(input.length),
      fix: "Give one sample at a time",
    });
  const results: Integers[] = [];
  results[graph.input] = input;
  for (const layer of graph.layers)
    results[layer.output] = runLayer({
      layer,
      inputs: layer.inputs.map((at) => results[at]!), // layers stand in order
      inputTensors: layer.inputs.map((at) => graph.tensors[at]!),
      outputTensor: graph.tensors[layer.output]!,
      rounding,
    });
  return results;
}

/** @returns the output for one sample. @param input, @param rounding as for traceQuantized */
export function runQuantized(
  graph: QuantizedGraph,
  input: Int8Array,
  rounding: Rounding = "tflm",
): Integers {
  return traceQuantized(graph, input, rounding)[graph.output]!; // every tensor is there
}

function runLayer({ layer, ...rest }: LayerRun): Integers {
  switch (layer.kind) {
    case "dense":
      return runDense({ layer, ...rest });
    case "conv2d":
      return runConv2d({ layer, ...rest });
    case "depthwiseConv2d":
      return runDepthwiseConv2d({ layer, ...rest });
    case "averagePool":
    case "maxPool":
      return runPool({ layer, ...rest });
    case "add":
      return runAdd({ layer, ...rest });
    case "concat":
      return runConcat({ layer, ...rest });
    case "reshape":
      return rest.inputs[0]!;
    case "swapAxes":
      return runSwapAxes({ layer, ...rest });
    case "slice":
      return rest.inputs[0]!.slice(
        layer.start,
        layer.start + elementCount(rest.outputTensor.shape),
      );
    case "gru":
      return runGru({ layer, ...rest });
    case "requantize":
      return runRequantize({ layer, ...rest });
    case "lookup":
      return runLookup({ layer, ...rest });
    case "softmax":
      return runSoftmax({ layer, ...rest });
    case "argMax":
      return Int32Array.of(rest.inputs[0]!.indexOf(Math.max(...rest.inputs[0]!)));
  }
}
