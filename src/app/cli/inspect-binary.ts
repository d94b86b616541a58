/** @file Descriptions of binary files for potstill inspect: models, tensors, arrays. */

import { readSafetensors } from "../../data/index.ts";
import {
  gunzipped,
  npzNames,
  parseIdx,
  parseNpy,
  parseNpz,
} from "../../data/sources/index-node.ts";
import { planLayers } from "../../device/quantize/index.ts";
import { modelHash, networkOf, onnxStudent, readModel } from "../../distill/index.ts";
import { summarize } from "../../engine/nn/index.ts";
import { type OnnxGraph, readOnnx } from "../../engine/onnx/index.ts";
import { elementCount, showShape } from "../../engine/tensor/index.ts";
import { isDistillError } from "../../errors/index.ts";

/** @returns undefined if the file is no model of Potstill's */
export function describeModel(bytes: Uint8Array, path: string): readonly string[] | undefined {
  try {
    const model = readModel(bytes, path);
    const { layers, parameters, macs, name } = summarize(networkOf(model));
    const rows = layers.map(({ name: layer, outputShape, parameters: own, macs: ops }) => [
      layer,
      outputShape,
      String(own),
      String(ops),
    ]);
    return [
      `${path}: trained network ${name}`,
      `sample    ${model.sample.dtype} ${showShape(model.sample.shape)}, seen as value * ${model.preprocessing.scale} + ${model.preprocessing.offset}`,
      `classes   ${model.classNames.length}: ${model.classNames.join(", ")}`,
      `hash      ${modelHash(model)}`,
      "",
      ...columns([
        ["layer", "output", "parameters", "MACs"],
        ...rows,
        ["total", "", String(parameters), String(macs)],
      ]),
    ];
  } catch (error) {
    if (isDistillError(error) && error.code === "model/format") return undefined;
    throw error;
  }
}

export function describeSafetensors(bytes: Uint8Array, path: string): readonly string[] {
  const { tensors, metadata } = readSafetensors(bytes, path);
  return [
    `${path}: safetensors, ${tensors.size} tensors`,
    ...Object.entries(metadata).map(([name, value]) => `${name} = ${value.slice(0, 80)}`),
    ...columns([...tensors].map(([name, { dtype, shape }]) => [name, dtype, showShape(shape)])),
  ];
}

export function describeOnnx(bytes: Uint8Array, path: string): readonly string[] {
  const { graph, opset, metadata } = readOnnx(bytes, path);
  const initialised = new Set(graph.initializers.map(({ name }) => name));
  const stored = graph.initializers.reduce(
    (total, { value }) => total + elementCount(value.shape),
    0,
  );
  const own = graph.inputs.filter(({ name }) => !initialised.has(name));
  const types = new Map<string, number>();
  for (const { type } of graph.nodes) types.set(type, (types.get(type) ?? 0) + 1);
  const show = ({ name, dtype, shape }: (typeof graph.inputs)[number]): string =>
    `${name}: ${dtype} ${shape === undefined ? "of unstated shape" : `[${shape.join(", ")}]`}`;
  return [
    `${path}: ONNX model "${graph.name}", opset ${opset}`,
    ...own.map((value) => `input     ${show(value)}`),
    ...graph.outputs.map((value) => `output    ${show(value)}`),
    `nodes     ${graph.nodes.length}: ${[...types].map(([type, count]) => `${type} ${count}`).join(", ")}`,
    `stored    ${stored} elements in ${graph.initializers.length} tensors, ${bytes.length} bytes`,
    `int8      ${int8Answer(bytes, path, own)}`,
    ...Object.entries(metadata).map(([name, value]) => `${name} = ${value.slice(0, 80)}`),
    "",
    ...nodeTable(graph),
  ];
}

/** A row for each tensor that a node gives: what `features` of a recipe can name. */
function nodeTable({ nodes, initializers }: OnnxGraph): readonly string[] {
  const elements = new Map(
    initializers.map(({ name, value }) => [name, elementCount(value.shape)]),
  );
  const rows = nodes
    .filter(({ type }) => type !== "Constant")
    .flatMap(({ type, inputs, outputs }) => {
      const own = inputs.reduce((sum, name) => sum + (elements.get(name) ?? 0), 0);
      const given = outputs.filter((name) => name !== ""); // others are left out
      return given.map((name, at) => [name, type, at === 0 ? String(own) : ""]);
    });
  return columns([["tensor", "operator", "weights"], ...rows]);
}

/** @returns whether potstill export can bring an ONNX file to int8, and if not, why */
function int8Answer(bytes: Uint8Array, path: string, inputs: OnnxGraph["inputs"]): string {
  const { shape = [], dtype } = inputs[0] ?? {};
  const sizes = shape.slice(1).map(Number);
  const [height, width, channels] = sizes;
  const stored = dtype === "uint8" ? "uint8" : "float32";
  const isImage = sizes.length === 3;
  const first = answerFor(bytes, path, stored, sizes);
  if (first.startsWith("yes") || !isImage) return first;
  const last = answerFor(bytes, path, stored, [channels!, height!, width!]); // of channels last
  return last.startsWith("yes") ? last : first;
}

/** @param shape of a sample, channels first */
function answerFor(
  bytes: Uint8Array,
  path: string,
  dtype: "uint8" | "float32",
  shape: readonly number[],
): string {
  const preprocessing = { scale: 1, offset: 0 };
  try {
    const { graph } = onnxStudent(bytes, path, { dtype, shape, preprocessing });
    const { layers } = planLayers(graph);
    const isRecurrent = layers.some(({ kind }) => kind === "gru"); // neither TFLite nor ONNX has it
    return `yes, as ${layers.length} layers: export it with --format c${isRecurrent ? "" : ", tflite or onnx-int8"}`;
  } catch (error) {
    if (isDistillError(error)) return `no: ${error.message}`;
    throw error;
  }
}

/** npy, npz, IDX, plain or gzipped. */
export function describeArrays(bytes: Uint8Array, path: string): readonly string[] {
  if (bytes[0] === 0x93) {
    const { type, shape } = parseNpy(bytes, path);
    return [`${path}: NumPy array, ${type} ${showShape(shape)}`];
  }
  if (bytes[0] === 0x50) {
    const names = npzNames(bytes, path);
    const arrays = parseNpz(bytes, path, names);
    const rows = arrays.map(({ type, shape }, at) => [names[at] ?? "", type, showShape(shape)]);
    return [`${path}: NumPy archive`, ...columns(rows)];
  }
  const { type, shape } = parseIdx(gunzipped(bytes, path), path);
  return [`${path}: IDX array, ${type} ${showShape(shape)}`];
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
