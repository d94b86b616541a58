/** @file An ONNX model as a graph: node by node, or a refusal that names the node. */

import { DataError, isDistillError } from "../../errors/index.ts";
import {
  constant,
  type Graph,
  type GraphOutput,
  input,
  type TensorType,
  type Value,
  withOrigin,
} from "../graph/index.ts";
import {
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueInfo,
  readOnnx,
} from "../onnx/index.ts";
import { alternatives } from "./alternatives.ts";
import { constants, foldedIntegers } from "./constants.ts";
import { elementwise } from "./elementwise.ts";
import { images } from "./images.ts";
import { layout } from "./layout.ts";
import { type Importer, type Refuse, unsupported } from "./node.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";

const importers: Readonly<Record<string, Importer>> = {
  ...constants,
  ...elementwise,
  ...images,
  ...layout,
  ...products,
  ...reductions,
};

/** ONNX operators that become graphs, sorted. */
export const importableOperators: readonly string[] = Object.keys(importers).toSorted();

const opsets = { oldest: 11, newest: 21 } as const;

export interface ImportOptions {
  /**
   * what stands for an input, in place of a placeholder of its own: casts, scaling, another order
   * of axes. Must have the type that is declared
   */
  readonly feed?: (name: string, declared: TensorType) => Value;
}

/**
 * Reads a float ONNX model of opset 11 to 21 as a graph. The batch axis, the first of every input,
 * becomes 1, whether it is free or fixed; all other sizes must be fixed. Weights are constants;
 * values carry their node's name as origin. A border of zeros before a convolution becomes its
 * padding; a constant per channel becomes a batch normalisation, which int8 targets fold; moved
 * axes before a dense layer are moved in its kernel.
 *
 * @param where names the file in messages
 * @throws DataError "import/unsupported" naming node, operator and alternatives; "import/opset";
 *   "import/input" for a free size that is not the batch; as readOnnx
 * @example
 *   const graph = importOnnx(readFileSync("model.onnx"), "model.onnx");
 */
export function importOnnx(bytes: Uint8Array, where: string, options: ImportOptions = {}): Graph {
  const model = readOnnx(bytes, where);
  const { opset, graph } = model;
  if (opset < opsets.oldest || opset > opsets.newest)
    throw new DataError("import/opset", {
      where,
      rule: `the operator set must be from ${opsets.oldest} to ${opsets.newest}`,
      got: String(opset),
      fix: "Export the model again with opset 17, or convert it",
      details: { opset },
    });
  const values = new Map(
    graph.initializers.map(({ name, value }) => [name, constant(value, name)]),
  );
  const declared = graph.inputs.filter(({ name }) => !values.has(name)); // old files list weights too
  const fixedBatch = fixedBatchOf(declared);
  for (const info of declared) {
    const type = typeOf(where, info);
    values.set(
      info.name,
      options.feed?.(info.name, type) ?? input(info.name, type.dtype, type.shape),
    );
  }
  const fed = declared.map(({ name }) => values.get(name)!);
  for (const node of neededNodes(graph)) runNode({ where, model, fixedBatch, values }, node);
  const outputs = graph.outputs.map((info) => outputOf(where, info, values));
  return { name: graph.name || "onnx", inputs: fed.flatMap(placeholdersOf), outputs };
}

/** @returns the placeholders that a value is made of, each once */
function placeholdersOf(value: Value): readonly Value[] {
  if (value.op === "input") return [value];
  return [...new Set(value.inputs.flatMap(placeholdersOf))];
}

function fixedBatchOf(declared: readonly OnnxValueInfo[]): number | undefined {
  const size = declared[0]?.shape?.[0];
  return typeof size === "number" && size > 1 ? size : undefined;
}

/** @returns the input's type for one sample */
function typeOf(where: string, { name, dtype, shape }: OnnxValueInfo): TensorType {
  const rest = shape?.slice(1);
  if (rest?.every((size): size is number => typeof size === "number" && size > 0))
    return { dtype, shape: [1, ...rest] };
  throw new DataError("import/input", {
    where: `${where}, input "${name}"`,
    rule: "every size but the batch, the first, must be fixed",
    got: shape === undefined ? "no shape" : `[${shape.join(", ")}]`,
    fix: "Export the model with the size of its samples",
    details: { shape },
  });
}

/** @returns the nodes that the outputs need, in the file's order, which is topological */
function neededNodes(graph: OnnxGraph): readonly OnnxNode[] {
  const wanted = new Set(graph.outputs.map(({ name }) => name));
  return graph.nodes
    .toReversed()
    .filter(({ outputs, inputs }) => {
      if (!outputs.some((name) => wanted.has(name))) return false;
      for (const name of inputs) wanted.add(name);
      return true;
    })
    .toReversed();
}

interface Context {
  readonly where: string;
  readonly model: OnnxModel;
  readonly fixedBatch: number | undefined;
  /** by ONNX name; grows */
  readonly values: Map<string, Value>;
}

function runNode({ where, model, fixedBatch, values }: Context, node: OnnxNode): void {
  const { type, domain, attrs, outputs } = node;
  const name = node.name ?? outputs[0] ?? "";
  const refuse: Refuse = (rule, got, fix) => {
    throw unsupported(`${where}, node "${name}" (${type})`, rule, got, fix, { type, node: name });
  };
  const importer = importerOf(type, domain, refuse);
  const inputs = node.inputs.map((input) =>
    input === "" ? undefined : known(values, input, refuse),
  );
  const own = { type, opset: model.opset, fixedBatch, inputs, outputs, attrs, refuse };
  const made = named(refuse, () => foldedIntegers(own) ?? importer(own));
  const results: readonly Value[] = "op" in made ? [made] : made;
  results.forEach((value, at) => {
    const isNew = value.op !== "constant" && value.op !== "input" && !inputs.includes(value);
    const output = outputs[at] ?? "";
    if (output !== "") values.set(output, isNew ? withOrigin(value, originOf(name)) : value);
  });
}

function importerOf(type: string, domain: string, refuse: Refuse): Importer {
  const found = domain === "" && Object.hasOwn(importers, type) ? importers[type] : undefined;
  return (
    found ??
    refuse(
      "the operator has no form here",
      domain === "" ? type : `${domain}.${type}`,
      `${alternatives[type] ?? "Use other operators"}. Supported: ${importableOperators.join(", ")}`,
    )
  );
}

function known(values: ReadonlyMap<string, Value>, name: string, refuse: Refuse): Value {
  return (
    values.get(name) ??
    refuse("every operand must be made before it is read", `"${name}"`, "Export the model again")
  );
}

/** Errors of operators say which node of the file they are about. */
function named<T>(refuse: Refuse, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isDistillError(error) || error.code === "import/unsupported") throw error;
    return refuse(
      "the operator refuses its operands",
      error.message,
      "Correct or simplify the model",
    );
  }
}

/** "/features/conv1/Conv" → "features/conv1/Conv" */
function originOf(name: string): string {
  return name.replace(/^\/+/, "");
}

function outputOf(
  where: string,
  { name }: OnnxValueInfo,
  values: ReadonlyMap<string, Value>,
): GraphOutput {
  const value = values.get(name);
  if (value !== undefined) return { name, value };
  throw new DataError("import/unsupported", {
    where,
    rule: `output "${name}" must be made by a node`,
    got: "none",
    fix: "Export the model again",
  });
}
