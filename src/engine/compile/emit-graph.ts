/** @file Turns a graph into ONNX nodes: every operator emits itself, constants are shared. */

import { unknownName } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { type Graph, type Value, valuesOf } from "../graph/index.ts";
import type { OnnxGraph, OnnxInitializer, OnnxNode, OnnxValueInfo } from "../onnx/index.ts";
import { definitionOf, type Emit, type OpDefinition } from "../ops/index.ts";
import { bytesOf, type Tensor } from "../tensor/index.ts";
import type { FormChoice } from "./forms.ts";
import { blockedOperators } from "./passes/blocked-layout/operators.ts";

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
  const emit: Emit = {
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
  for (const value of valuesOf(graph)) {
    if (names.has(value)) continue;
    if (value.op === "constant") {
      // A constant node's one attribute is the tensor that `constant()` put there.
      names.set(value, emitter.emit.constant(value.attrs.value as Tensor));
      continue;
    }
    const inputs = value.inputs.map((operand) => names.get(operand)!); // topological order
    const context = { node: value, attrs: value.attrs, inputs, emit: emitter.emit };
    const definition = blockedOperators[value.op] ?? definitionOf(value.op);
    names.set(value, definition.toOnnx({ ...context, form: formOf(definition, forms) }));
  }
}

/** @throws ConfigError "config/unknown-name" if the form chosen is not one of the operator's own */
function formOf(
  { name, forms: known = [] }: Pick<OpDefinition, "name" | "forms">,
  chosen: FormChoice,
): string {
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
    nodes: emitter.nodes,
    inputs: graph.inputs.map((value) => declare(value.name, value, batchAxis)),
    outputs,
    initializers: emitter.initializers,
  };
}
