/** @file Which tensor of a foreign ONNX model holds the logits, and what its numbers are. */

import type { OnnxModel, OnnxNode, OnnxValueInfo } from "../../engine/onnx/index.ts";
import { isFloat } from "../../engine/tensor/index.ts";
import { DataError, unknownName } from "../../errors/index.ts";

/**
 * What the numbers of an output are, as the user says: `logits` (softmax gives the probabilities),
 * `probabilities` (one of n, sums of 1), `sigmoid` (independent probabilities, one per class; a
 * single one for two classes).
 */
export type OutputKind = "logits" | "probabilities" | "sigmoid";

/**
 * What the numbers of the tensor that is read are. `undeclared` is decided by looking at values.
 */
export type NumberForm =
  | "logits"
  | "probabilities"
  | "sigmoid-logits"
  | "sigmoid-probabilities"
  | "undeclared";

export interface OnnxOutput {
  /** the tensor to read: an output, or an inner tensor before a final Softmax or Sigmoid */
  readonly tensor: OnnxValueInfo;
  readonly form: NumberForm;
  /** the output that the user named, or the only one */
  readonly declared: string;
}

export interface OnnxOutputOptions {
  readonly file: string;
  readonly output?: string;
  readonly kind?: OutputKind;
  readonly classCount: number;
}

/**
 * Chooses the tensor to read.
 *
 * | output made by | kind not given | logits | probabilities | sigmoid |
 * |---|---|---|---|---|
 * | Softmax over classes | its input | refused | its input | refused |
 * | LogSoftmax over classes | its input | as it is | by value | by value |
 * | Sigmoid | its input | by value | by value | its input |
 * | anything else | by value | as it is | log p | log p − log(1 − p) |
 *
 * A tensor before a Softmax or Sigmoid gives the same distribution as the output, without its
 * rounding.
 *
 * @throws DataError "teacher/ambiguous-output", "teacher/no-output", "teacher/class-mismatch",
 *   "teacher/kind-contradicted", "teacher/batch-dependent"; ConfigError "config/unknown-name"
 */
export function onnxOutput(model: OnnxModel, options: OnnxOutputOptions): OnnxOutput {
  const output = chooseOutput(model, options);
  const last = producer(model, output.name);
  if (last !== undefined) assertNotOverBatch(last, model, options.file);
  const { kind } = options;
  const isTapped = (type: string): boolean =>
    last?.type === type && last.domain === "" && (type === "Sigmoid" || isOverClasses(last, model));
  const before = (form: NumberForm): OnnxOutput => ({
    // Softmax and Sigmoid keep type and shape
    tensor: { ...output, name: last!.inputs[0]! },
    form,
    declared: output.name,
  });
  if (isTapped("Softmax") && (kind === "logits" || kind === "sigmoid"))
    throw contradicted(options, output.name, `kind is ${kind}, but a Softmax makes this output`);
  if (isTapped("Softmax")) return before("logits");
  if (isTapped("LogSoftmax") && kind === undefined) return before("logits");
  if (isTapped("Sigmoid") && (kind === undefined || kind === "sigmoid"))
    return before("sigmoid-logits");
  const form = kind === "sigmoid" ? "sigmoid-probabilities" : (kind ?? "undeclared");
  return { tensor: output, form, declared: output.name };
}

/** @returns the line to add to a recipe */
export function recipeLine(file: string, output: string, kind: OutputKind): string {
  return `teacher: {model: ${file}, output: ${output}, kind: ${kind}}`;
}

/** The error for numbers that are not what the recipe says. */
export function contradicted(
  { file, kind }: { readonly file: string; readonly kind?: OutputKind | undefined },
  output: string,
  got: string,
): DataError {
  return new DataError("teacher/kind-contradicted", {
    where: `${file}, output "${output}"`,
    rule: "numbers must be of the kind that was declared: logits, probabilities (of one in n classes) or sigmoid (independent probabilities)",
    got,
    fix: "Correct kind, or leave it out",
    details: { output, kind: kind ?? null },
  });
}

function chooseOutput({ graph }: OnnxModel, options: OnnxOutputOptions): OnnxValueInfo {
  const { file, output, classCount } = options;
  const inner = graph.nodes.flatMap((node) => node.outputs);
  if (output !== undefined) {
    const found = graph.outputs.find(({ name }) => name === output);
    if (found !== undefined) return found;
    const names = graph.outputs.map(({ name }) => name);
    if (!inner.includes(output)) throw unknownName(file, "output", output, names);
    return { name: output, dtype: "float32", shape: undefined };
  }
  const candidates = graph.outputs.filter((info) => couldBeLogits(info, classCount));
  const [only, another] = candidates;
  if (only !== undefined && another === undefined) return only;
  if (only === undefined) throw noOutput(graph.outputs, options);
  throw new DataError("teacher/ambiguous-output", {
    where: file,
    rule: "the recipe must say which output holds what the teacher teaches",
    got: candidates.map(({ name }) => `"${name}"`).join(", "),
    fix: `Write ${candidates.map(({ name }) => `"${recipeLine(file, name, options.kind ?? "logits")}"`).join(" or ")}, with kind logits, probabilities or sigmoid`,
    details: { outputs: candidates.map(({ name }) => name) },
  });
}

function couldBeLogits({ dtype, shape }: OnnxValueInfo, classCount: number): boolean {
  if (!isFloat(dtype)) return false;
  if (shape === undefined) return true;
  const width = shape[1];
  if (shape.length !== 2 || width === undefined) return false;
  const isFree = typeof width === "string" || width < 1;
  return isFree || width === classCount || (width === 1 && classCount === 2);
}

function noOutput(
  outputs: readonly OnnxValueInfo[],
  { file, classCount }: OnnxOutputOptions,
): DataError {
  const show = ({ name, dtype, shape }: OnnxValueInfo): string =>
    `"${name}" ${dtype} [${shape?.join(", ") ?? "any shape"}]`;
  const rows = outputs.filter(({ dtype, shape }) => isFloat(dtype) && shape?.length === 2);
  return new DataError(rows.length > 0 ? "teacher/class-mismatch" : "teacher/no-output", {
    where: file,
    rule: `the data has ${classCount} classes, so the teacher needs a float output [batch, ${classCount}]${classCount === 2 ? " or [batch, 1]" : ""}`,
    got: outputs.map(show).join(", "),
    fix: "Use a teacher of the data's classes, or export the model with such an output",
    details: { outputs: outputs.map(({ name }) => name), classCount },
  });
}

/** @returns the node that computes a tensor, seen through Identity */
function producer({ graph }: OnnxModel, tensor: string): OnnxNode | undefined {
  const node = graph.nodes.find(({ outputs }) => outputs.includes(tensor));
  const isPassing = node?.type === "Identity" && node.inputs[0] !== undefined;
  return isPassing ? producer({ graph } as OnnxModel, node.inputs[0]!) : node;
}

/** @throws DataError "teacher/batch-dependent" for a Softmax or LogSoftmax over the samples */
function assertNotOverBatch(node: OnnxNode, model: OnnxModel, file: string): void {
  const { type, domain, attrs, outputs } = node;
  if (!/^(Log)?Softmax$/.test(type) || domain !== "" || isOverClasses(node, model)) return;
  throw new DataError("teacher/batch-dependent", {
    where: `${file}, node that makes "${outputs[0]}"`,
    rule: `a ${type} of [batch, classes] must be over the classes (axis 1 or -1)`,
    got: `axis ${attrs.axis}, over the samples of a batch`,
    fix: "Export the model with it over the classes (in PyTorch: dim=1)",
    details: { type, axis: Number(attrs.axis) },
  });
}

/**
 * True if a Softmax or LogSoftmax runs over axis 1 of [batch, classes]. Its default axis was 1
 * before opset 13.
 */
function isOverClasses({ attrs }: OnnxNode, { opset }: OnnxModel): boolean {
  const axis = attrs.axis ?? (opset >= 13 ? -1n : 1n);
  return axis === 1n || axis === -1n;
}
