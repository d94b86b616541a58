/**
 * @file From the numbers that a foreign ONNX model gives to logits, by their form; and what betrays
 * a wrong form.
 */

import type { MemberKind } from "../../data/index.ts";
import { float32FromFloat16, showShape, type Tensor } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import { contradicted, type NumberForm, type OutputKind, recipeLine } from "./onnx-output.ts";
import {
  findNonFinite,
  findOutsideUnit,
  findWrongSum,
  logProbabilities,
  looksLikeProbabilities,
  type Rows,
  sigmoidLogits,
  twoClassLogits,
} from "./output-values.ts";

/** What is known of the output being read. */
export interface OutputFacts {
  readonly file: string;
  /** the output's name in the recipe */
  readonly output: string;
  /** as the user declared it, if so */
  readonly kind: OutputKind | undefined;
  readonly classCount: number;
}

/**
 * @param value the model's output for `count` samples and padding
 * @returns [count, width] with width = classes, or 1 for two classes
 * @throws DataError "teacher/class-mismatch" for another shape, "teacher/no-output" if the numbers
 *   are not floats
 */
export function outputRows(value: Tensor, count: number, facts: OutputFacts): Rows {
  const { file, output, classCount } = facts;
  const width = value.shape[1] ?? 0;
  const isBinary = width === 1 && classCount === 2;
  if (value.shape.length !== 2 || value.shape[0]! < count || !(width === classCount || isBinary))
    throw new DataError("teacher/class-mismatch", {
      where: `${file}, output "${output}"`,
      rule: `the data has ${classCount} classes, so the output must have shape [batch, ${classCount}]${classCount === 2 ? " or [batch, 1]" : ""}`,
      got: showShape(value.shape),
      fix: "Use a teacher of the data's classes, or name another output",
      details: { shape: value.shape, classCount },
    });
  return { values: floats(value, facts).subarray(0, count * width), classes: width };
}

function floats(
  { dtype, data }: Tensor,
  { file, output }: OutputFacts,
): Float32Array | Float64Array {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  // newer engines hand float16 out as numbers, older ones as bits
  if (dtype === "float16" && data instanceof Uint16Array)
    return Float32Array.from(data, float32FromFloat16);
  if (dtype === "float16") return Float32Array.from(data as Int8Array); // an array of numbers
  throw new DataError("teacher/no-output", {
    where: `${file}, output "${output}"`,
    rule: "a teacher's output must be floating-point numbers",
    got: dtype,
    fix: "Name the output with logits or probabilities",
  });
}

/**
 * Decides the form of an output about which nothing was said, and refuses declared forms that the
 * numbers contradict.
 *
 * @throws DataError "teacher/undeclared-probabilities" with the lines to add;
 *   "teacher/kind-contradicted"
 */
export function settleForm(form: NumberForm, rows: Rows, facts: OutputFacts): NumberForm {
  const { file, output } = facts;
  if (
    form === "logits" &&
    facts.kind === "logits" &&
    rows.classes > 1 &&
    looksLikeProbabilities(rows)
  )
    throw contradicted(facts, output, "probabilities: all in 0 … 1, with sums of 1");
  if (form !== "undeclared") return form;
  if (findOutsideUnit(rows) !== undefined) return "logits";
  const kind = rows.classes > 1 && looksLikeProbabilities(rows) ? "probabilities" : "sigmoid";
  const example = Array.from(rows.values.subarray(0, rows.classes), (v) => v.toPrecision(3));
  throw new DataError("teacher/undeclared-probabilities", {
    where: `${file}, output "${output}"`,
    rule: "an output whose kind is not declared must hold logits, and these numbers look like probabilities",
    got: `${example.join(", ")} for one sample`,
    fix: `Write "${recipeLine(file, output, kind)}" in the recipe, or kind: logits if that is what they are`,
    details: { output, kind },
  });
}

/**
 * @param form settled
 * @returns logits, float32 [count, classes]: log p of probabilities, logit p of sigmoid ones, [0,
 *   z] for a single number
 * @throws DataError "teacher/kind-contradicted" for numbers that cannot be of this form,
 *   "teacher/answer" for numbers that are not finite
 */
export function logitsOf(form: NumberForm, rows: Rows, facts: OutputFacts): Float32Array {
  assertForm(form, rows, facts);
  const { values } = rows;
  const isSigmoid = form === "sigmoid-probabilities";
  if (form === "probabilities") return logProbabilities(values);
  const plain = values instanceof Float32Array ? values : new Float32Array(values);
  const logits = isSigmoid ? sigmoidLogits(values) : plain;
  return rows.classes === 1 ? twoClassLogits(logits) : logits;
}

/** What a package says about logits from this form. */
export function memberKind(form: NumberForm, width: number): MemberKind {
  if (form === "probabilities") return "log-probabilities";
  return width > 1 && form.startsWith("sigmoid") ? "sigmoid" : "logits";
}

function assertForm(form: NumberForm, rows: Rows, facts: OutputFacts): void {
  const { file, output } = facts;
  const bad = findNonFinite(rows);
  if (bad !== undefined)
    throw new DataError("teacher/answer", {
      where: `${file}, output "${output}"`,
      rule: "a teacher's numbers must be finite",
      got: `${bad.value} in row ${bad.row} of the batch`,
      fix: "Check the teacher's preprocessing (scale, offset) and its weights",
      details: { ...bad },
    });
  if (form !== "probabilities" && form !== "sigmoid-probabilities") return;
  const outside = findOutsideUnit(rows);
  if (outside !== undefined)
    throw contradicted(facts, output, `${outside.value}, outside 0 … 1, for kind ${facts.kind}`);
  if (form === "sigmoid-probabilities") return;
  const wrong = findWrongSum(rows);
  if (wrong !== undefined)
    throw contradicted(facts, output, `a row with sum ${wrong.sum}, not 1, for kind ${facts.kind}`);
}
