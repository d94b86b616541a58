/** @file An integer network as a .tflite file. */

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { bytesOf } from "../../../engine/tensor/index.ts";
import { startSha256 } from "../../../hash/index.ts";
import { assertQuantized, imageOf, type QuantizedGraph } from "../../quantize/index.ts";
import { type Storage, toChannelsLast } from "../channels-last/channels-last.ts";
import { imageShape, rowShape } from "./lowering.ts";
import { emptyNetwork, type Network, type NetworkTensor } from "./network.ts";
import { largestOldCode, leastRuntime, type OperatorName, operators } from "./operators.ts";
import { lowerToTflite } from "./ops/table.ts";
import { type Table, tensorTypes } from "./schema.ts";
import { writeFlatbuffer } from "./write-flatbuffer.ts";

export interface ExportTfliteOptions {
  /** identity of the float model, for the description; default the hash of weights and tables */
  readonly modelHash?: string;
  /**
   * How functions of one element are written. `exact`: as a table, which every runtime reads alike,
   * at 8 more bytes of memory per element. `operators`: hard-swish as HARD_SWISH, which runtimes
   * compute each in its own way (LiteRT: 0.4 % of values one step off). Default exact.
   */
  readonly functions?: "exact" | "operators";
}

/**
 * Writes the network as one subgraph with signature "serving_default" (`input` → `output`). Images
 * are [1, height, width, channels], rows of features [1, features], both int8 with a scale and zero
 * point.
 *
 * LiteRT's XNNPACK kernels give what runQuantized(graph, input, "xnnpack") gives, TensorFlow Lite
 * Micro's what it gives for "tflm".
 *
 * @returns the file, at least 16-byte aligned where its tables of weights start
 * @throws ExportError "export/unsupported" naming a layer that the format cannot hold
 */
export function exportTflite(graph: QuantizedGraph, options: ExportTfliteOptions = {}): Uint8Array {
  assertQuantized("exportTflite", graph);
  const program = toChannelsLast(graph);
  const network = emptyNetwork(program, options.functions === "operators");
  const wanted = (storage: number): readonly number[] => endShape(program.storages[storage]!);
  const input = network.result(program.input, wanted(program.input));
  for (const step of program.steps) lowerToTflite(step, network);
  const output = network.operand(program.output, wanted(program.output));
  return writeFlatbuffer(modelTable(graph, network, { input, output }, options));
}

/** Inputs and outputs keep their rank, whatever the layers beside them take. */
function endShape({ shape, dtype }: Storage): readonly number[] {
  if (dtype === "int32") return shape;
  return shape.length === 1 ? rowShape(shape) : imageShape(imageOf(shape));
}

interface Ends {
  readonly input: number;
  readonly output: number;
}

function modelTable(
  graph: QuantizedGraph,
  network: Network,
  { input, output }: Ends,
  { modelHash }: ExportTfliteOptions,
): Table<"Model"> {
  const used = [...new Set(network.operations.map(({ operator }) => operator))];
  const constants = network.tensors.flatMap(({ data }) => (data ? [bytesOf(data)] : []));
  const hash = modelHash ?? hashOf(constants);
  const runtime = new Uint8Array(16);
  runtime.set(utf8ToBytes(leastRuntime(used)));
  return {
    version: 3,
    operatorCodes: used.map(operatorCode),
    subgraphs: [
      {
        name: "main",
        tensors: tensorTables(network.tensors),
        inputs: [input],
        outputs: [output],
        operators: network.operations.map(({ operator, inputs, output: to, options }) => ({
          opcodeIndex: used.indexOf(operator),
          inputs,
          outputs: [to],
          options,
        })),
      },
    ],
    description: `${graph.name}: int8, written by Potstill; model ${hash}`,
    // the first buffer is empty: that of tensors without data
    buffers: [{}, ...constants.map((data) => ({ data })), { data: runtime }],
    metadata: [{ name: "min_runtime_version", buffer: constants.length + 1 }],
    signatureDefs: [
      {
        signatureKey: "serving_default",
        inputs: [{ name: "input", tensorIndex: input }],
        outputs: [{ name: "output", tensorIndex: output }],
        subgraphIndex: 0,
      },
    ],
  };
}

function hashOf(constants: readonly Uint8Array[]): string {
  const hash = startSha256();
  for (const bytes of constants) hash.update(bytes);
  return hash.hex();
}

function operatorCode(name: OperatorName): Table<"OperatorCode"> {
  const { code, version } = operators[name];
  return {
    deprecatedBuiltinCode: Math.min(code, largestOldCode),
    builtinCode: code,
    version,
  };
}

/** Constants get the buffers from 1 on, in order. */
function tensorTables(tensors: readonly NetworkTensor[]): readonly Table<"Tensor">[] {
  let buffers = 0;
  return tensors.map(({ name, type, shape, scales, data }) => ({
    name,
    type: tensorTypes[type],
    shape,
    buffer: data === undefined ? 0 : ++buffers,
    ...(scales && {
      quantization: {
        scale: scales.scale,
        zeroPoint: scales.zeroPoint,
        quantizedDimension: scales.axis,
      },
    }),
  }));
}
