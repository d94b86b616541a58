/** @file Graph → layers: preprocessing taken off, batch normalisation folded, activations fused. */

import {
  type Graph,
  type Uses,
  usesOf,
  type Value,
  valuesOf,
} from "../../../engine/graph/index.ts";
import type { OpName } from "../../../engine/ops/index.ts";
import { showShape } from "../../../engine/tensor/index.ts";
import { QuantizeError } from "../../../errors/index.ts";
import { clampBeforeMaxPool } from "../clamp-before-max-pool.ts";
import { foldBatchNorm } from "../fold-batch-norm.ts";
import type { SampleEncoding } from "../quantized-graph.ts";
import { sequenceForms } from "../sequence-forms.ts";
import type { FloatLayer, FloatPlan } from "./float-layer.ts";
import { refusal } from "./lowering.ts";
import { lowerings, supportedOps } from "./table.ts";
import { numberOf } from "./unary.ts";

/**
 * @param graph one placeholder of batch 1, weights as constants, one output
 * @throws QuantizeError "quantize/graph" for another form; "quantize/unsupported" naming an
 *   operator without int8 form, or one used in a way that has none, and the alternatives
 */
export function planLayers(graph: Graph): FloatPlan {
  const placeholder = onlyPlaceholder(graph);
  const folded = clampBeforeMaxPool(foldBatchNorm(sequenceForms(graph)));
  const values = valuesOf(folded);
  const uses = usesOf(folded);
  const { input, sample } = splitPreprocessing(placeholder, values, uses);
  const output = folded.outputs[0]!.value; // onlyPlaceholder has counted
  const layers = lowerValues(values, uses, input);
  if (output === input)
    throw new QuantizeError("quantize/graph", {
      where: `graph "${graph.name}"`,
      rule: "there must be a layer between input and output",
      got: "none",
    });
  return { name: graph.name, placeholder, input, sample, layers: needed(layers, output), output };
}

function onlyPlaceholder(graph: Graph): Value {
  const [placeholder] = graph.inputs;
  const broken = (rule: string, got: string, fix: string): QuantizeError =>
    new QuantizeError("quantize/graph", { where: `graph "${graph.name}"`, rule, got, fix });
  if (placeholder === undefined || graph.inputs.length !== 1)
    throw broken(
      "there must be one input: the samples",
      `${graph.inputs.length} (${graph.inputs.map(({ name }) => name).join(", ")})`,
      "Bake the weights in as constants",
    );
  if (graph.outputs.length !== 1)
    throw broken("there must be one output", String(graph.outputs.length), "Name the one to keep");
  if (placeholder.shape[0] !== 1 || ![2, 3, 4].includes(placeholder.shape.length))
    throw broken(
      "samples must be [1, features], [1, positions, features] or [1, channels, height, width]",
      showShape(placeholder.shape),
      "Build the graph for batch 1",
    );
  if (placeholder.shape.includes(0))
    throw broken("no axis may be empty", showShape(placeholder.shape), "Give samples elements");
  const { dtype } = placeholder;
  if (dtype === "int32" || dtype === "int64")
    throw broken(
      "samples must be uint8 or float32: token ids have no int8 form",
      dtype,
      "Export it as float ONNX (--format onnx), or distil a gru or tcn on vectors",
    );
  if (dtype !== "uint8" && dtype !== "float32")
    throw broken("samples must be uint8 or float32", dtype, "Convert them first");
  return placeholder;
}

/**
 * Follows casts and arithmetic with numbers from the placeholder, as far as nothing else reads it.
 */
function splitPreprocessing(
  placeholder: Value,
  values: readonly Value[],
  uses: Uses,
): { readonly input: Value; readonly sample: SampleEncoding } {
  let [input, scale, offset] = [placeholder, 1, 0];
  for (;;) {
    const reader = values.find(({ inputs }) => inputs.includes(input));
    const next = reader && uses.once(input) ? affineOf(reader, input) : undefined;
    if (reader === undefined || next === undefined) break;
    [input, scale, offset] = [reader, scale * next.scale, offset * next.scale + next.offset];
  }
  const dtype = placeholder.dtype === "uint8" ? "uint8" : "float32";
  if (input.dtype !== "float32")
    throw refusal(input, "samples must be cast to float32 first", input.dtype, "Cast them");
  if (!(scale > 0 && Number.isFinite(scale) && Number.isFinite(offset)))
    throw refusal(
      input,
      "preprocessing must be x · scale + offset with a scale above 0",
      `scale ${scale}, offset ${offset}`,
      "Use another preprocessing",
    );
  return { input, sample: { dtype, scale, offset } };
}

/** @returns reader = scale · x + offset, if that is what it does */
function affineOf(
  reader: Value,
  x: Value,
): { readonly scale: number; readonly offset: number } | undefined {
  if (reader.op === "cast") return reader.dtype === "float32" ? { scale: 1, offset: 0 } : undefined;
  const [a, b] = reader.inputs;
  if (a === undefined || b === undefined || reader.inputs.length !== 2) return undefined;
  const number = numberOf(a === x ? b : a);
  if (number === undefined || reader.shape.join() !== x.shape.join()) return undefined;
  if (reader.op === "mul") return { scale: number, offset: 0 };
  if (reader.op === "add") return { scale: 1, offset: number };
  if (a !== x) return undefined;
  if (reader.op === "div") return { scale: 1 / number, offset: 0 };
  return reader.op === "sub" ? { scale: 1, offset: -number } : undefined;
}

function lowerValues(
  values: readonly Value[],
  uses: Uses,
  input: Value,
): ReadonlyMap<Value, FloatLayer> {
  const layers = new Map<Value, FloatLayer>();
  const before = new Set(
    values.slice(0, values.indexOf(input) + 1).filter((v) => reaches(input, v)),
  );
  for (const value of values) {
    if (value.op === "constant" || value.op === "input" || before.has(value)) continue;
    const lowering = Object.hasOwn(lowerings, value.op)
      ? lowerings[value.op as OpName] // own key
      : { unsupported: "it is no operator" };
    if (typeof lowering !== "function")
      throw refusal(
        value,
        `${value.op} has no int8 form: ${lowering.unsupported}`,
        `a result of ${showShape(value.shape)}`,
        `Supported: ${supportedOps.join(", ")}`,
      );
    const absorbable = (of: Value): FloatLayer | undefined =>
      uses.once(of) ? layers.get(of) : undefined;
    const layer = lowering(value, { absorbable });
    assertIndexIsLast(value, layer);
    layers.set(value, layer);
  }
  return layers;
}

/** An index of argMax is no int8 number: nothing but its shape may change. */
function assertIndexIsLast(value: Value, { kind }: FloatLayer): void {
  if (value.dtype === "float32" || kind === "argMax" || kind === "reshape") return;
  throw refusal(
    value,
    "an index of argMax may be reshaped, and nothing else",
    `${value.op} of ${value.inputs.map(({ op }) => op).join(" and ")}`,
    "Let the network end with the index, and go on outside of it",
  );
}

/** is `value` the input or something that the input is made of? */
function reaches(input: Value, value: Value): boolean {
  return value === input || input.inputs.some((operand) => reaches(operand, value));
}

/** the layers that the output needs, in order; results that were fused away drop out */
function needed(layers: ReadonlyMap<Value, FloatLayer>, output: Value): FloatLayer[] {
  const wanted = new Set<Value>([output]);
  return [...layers.values()]
    .toReversed()
    .filter((layer) => {
      if (!wanted.has(layer.output)) return false;
      for (const operand of layer.inputs) wanted.add(operand);
      return true;
    })
    .toReversed();
}
