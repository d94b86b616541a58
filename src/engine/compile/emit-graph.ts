/** @file Turns a graph into ONNX nodes: every operator emits itself, constants are shared. */

import { unknownName } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { type Graph, type Value, valuesOf } from "../graph/index.ts";
import type { OnnxGraph, OnnxInitializer, OnnxNode, OnnxValueInfo } from "../onnx/index.ts";
import { definitionOf, type Emit, type OpDefinition } from "../ops/index.ts";
import { bytesOf, type Tensor } from "../tensor/index.ts";
import { elementwiseInBlocks } from "./elementwise-in-blocks.ts";
import { usesOf } from "./uses.ts";

/**
 * Which ONNX form each operator takes: its name → one of its `forms`. Operators not named take
 * their first form.
 */
export type FormChoice = Readonly<Record<string, string>>;

/**
 * Forms that are quicker in training, where the batch size is fixed and kernels change, than in
 * inference.
 *
 * @param convolutionBlock the runtime's; 0 keeps to the standard operator set
 */
export function trainingForms(convolutionBlock = 0): FormChoice {
  if (convolutionBlock === 0) return { conv2d: "training", conv2dInputGrad: "training" };
  const form = `blocked-${convolutionBlock}`;
  return { conv2d: form, conv2dInputGrad: form, conv2dWeightGrad: form, maxPoolGrad: form };
}

/** Collects nodes and initializers, and hands out fresh names. */
export interface Emitter {
  readonly emit: Emit;
  readonly nodes: OnnxNode[];
  readonly initializers: OnnxInitializer[];
}

/**
 * Every node is emitted once: ONNX's operators are functions, so the same operator on the same
 * inputs has the same results. Forms of operators need not remember what they emitted.
 *
 * @param prefix starts every generated name, so that names stay unique across nested graphs
 * @param taken names that exist already and are not generated again
 */
export function makeEmitter(prefix: string, taken: Iterable<string> = []): Emitter {
  const reserved = new Set(taken);
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  const constants = new Map<string, string>();
  const emitted = new Map<string, readonly string[]>();
  let count = 0;
  const fresh = (kind: "v" | "c"): string => {
    const name = `${prefix}${kind}${count++}`;
    return reserved.has(name) ? fresh(kind) : name;
  };
  const nodesOf: Emit["nodes"] = (type, inputs, outputs, attrs = {}, domain = "") => {
    const key = JSON.stringify([type, domain, inputs, outputs, attrs], textOfBigInt);
    const known = emitted.get(key);
    if (known !== undefined) return known;
    const names = Array.from({ length: outputs }, () => fresh("v"));
    emitted.set(key, names);
    nodes.push({ type, domain, inputs, outputs: names, attrs });
    for (const name of names) makers.set(name, { type, domain, inputs, attrs });
    return names;
  };
  const constant = (value: Tensor): string => {
    const key = `${value.dtype}[${value.shape}]${sha256Hex(bytesOf(value.data))}`;
    const known = constants.get(key);
    if (known !== undefined) return known;
    const name = fresh("c");
    constants.set(key, name);
    initializers.push({ name, value });
    return name;
  };
  const makers = new Map<string, ReturnType<Emit["madeBy"]>>();
  const emit: Emit = {
    madeBy: (name) => makers.get(name),
    node: (type, inputs, attrs, domain) => nodesOf(type, inputs, 1, attrs, domain)[0]!,
    nodes: nodesOf,
    constant,
    int64: (values) =>
      constant({
        dtype: "int64",
        shape: [values.length],
        data: BigInt64Array.from(values, BigInt),
      }),
  };
  return { emit, nodes, initializers };
}

function textOfBigInt(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

/**
 * Emits every value that the outputs need.
 *
 * @param names ONNX names of values that already exist (inputs); grows as values are emitted
 */
export function emitValues(
  graph: Graph,
  emitter: Emitter,
  names: Map<Value, string>,
  forms: FormChoice,
): void {
  const uses = usesOf(graph);
  for (const value of valuesOf(graph)) {
    if (names.has(value)) continue;
    if (value.op === "constant") {
      // A constant node's one attribute is the tensor that `constant()` put there.
      names.set(value, emitter.emit.constant(value.attrs.value as Tensor));
      continue;
    }
    const definition = definitionOf(value.op);
    const form = formOf(definition, forms);
    const inputs = value.inputs.map((operand) => names.get(operand)!); // topological order
    const { emit } = emitter;
    const context = { node: value, attrs: value.attrs, inputs, emit, form, usedOnce: uses.once };
    const inBlocks = elementwiseInBlocks(definition, context, uses);
    names.set(value, inBlocks ?? definition.toOnnx(context));
  }
}

/** @throws ConfigError "config/unknown-name" if the form chosen is not one of the operator's own */
function formOf({ name, forms: known = [] }: OpDefinition, chosen: FormChoice): string {
  const form = chosen[name] ?? known[0] ?? "";
  if (form !== "" && !known.includes(form)) throw unknownName(name, "form", form, known);
  return form;
}

/**
 * @returns the declaration of an input or output; `batchAxis` gives axis 0 a name instead of its
 *   size
 */
export function declare(name: string, value: Value, batchAxis?: string): OnnxValueInfo {
  const shape = value.shape.map((size, axis) => (axis === 0 && batchAxis ? batchAxis : size));
  return { name, dtype: value.dtype, shape };
}

/**
 * Forms may emit what turns out not to be needed: an image in the usual layout that is read in
 * blocks alone.
 *
 * @returns the nodes that the outputs need
 */
export function neededNodes(
  nodes: readonly OnnxNode[],
  outputs: readonly OnnxValueInfo[],
): OnnxNode[] {
  const needed = new Set(outputs.map(({ name }) => name));
  const kept = nodes.toReversed().filter((node) => {
    const isKept = node.outputs.some((name) => needed.has(name));
    if (isKept) for (const name of node.inputs) needed.add(name);
    return isKept;
  });
  return kept.reverse();
}

/** @returns the whole graph in ONNX, outputs carrying their own names */
export function emitGraph(graph: Graph, forms: FormChoice, batchAxis?: string): OnnxGraph {
  const emitter = makeEmitter("", [
    ...graph.inputs.map(({ name }) => name),
    ...graph.outputs.map(({ name }) => name),
  ]);
  const names = new Map<Value, string>(graph.inputs.map((value) => [value, value.name]));
  emitValues(graph, emitter, names, forms);
  const outputs = graph.outputs.map(({ name, value }) => {
    emitter.nodes.push({
      type: "Identity",
      domain: "",
      inputs: [names.get(value)!],
      outputs: [name],
      attrs: {},
    });
    return declare(name, value, batchAxis);
  });
  return {
    name: graph.name,
    nodes: neededNodes(emitter.nodes, outputs),
    inputs: graph.inputs.map((value) => declare(value.name, value, batchAxis)),
    outputs,
    initializers: emitter.initializers,
  };
}
