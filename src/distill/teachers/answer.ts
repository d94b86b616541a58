/** @file Checks what a teacher function has answered. */

import { DataError } from "../../errors/index.ts";
import {
  findNonFinite,
  findOutsideUnit,
  findWrongSum,
  logProbabilities,
  looksLikeProbabilities,
} from "./output-values.ts";

/** [n, classes], row by row or flat. */
export type AnswerRows =
  | Float32Array
  | Float64Array
  | readonly number[]
  | readonly (readonly number[])[]
  | readonly (Float32Array | Float64Array)[];

/** What a teacher function gives: one of the two. */
export type TeacherAnswer =
  | { readonly logits: AnswerRows }
  | { readonly probabilities: AnswerRows };

/**
 * @param where names teacher and batch
 * @param size what the answer must have
 * @returns logits, float32 [rows, classes]; log max(p, 2^-149) for probabilities
 * @throws DataError "teacher/answer" for a wrong form, size, or value;
 *   "teacher/undeclared-probabilities" for logits that all lie in 0 … 1 with sums of 1
 */
export function answerLogits(
  where: string,
  answer: TeacherAnswer,
  size: { readonly rows: number; readonly classes: number },
): Float32Array {
  // the function is the user's, perhaps not type-checked
  const given = Object(answer) as { logits?: AnswerRows; probabilities?: AnswerRows };
  const { logits, probabilities } = given;
  const numbers = logits ?? probabilities;
  const rule = "a teacher function answers { logits } or { probabilities }";
  if (numbers === undefined || (logits !== undefined && probabilities !== undefined))
    throw refuse(where, rule, numbers === undefined ? `{ ${Object.keys(given)} }` : "both");
  const values = flatten(where, numbers, size);
  const rows = { values, classes: size.classes };
  const bad = findNonFinite(rows);
  if (bad !== undefined)
    throw refuse(where, "every number must be finite", `${bad.value} in row ${bad.row}`);
  if (probabilities !== undefined) {
    const outside = findOutsideUnit(rows);
    if (outside !== undefined)
      throw refuse(where, "probabilities lie in 0 … 1", `${outside.value} in row ${outside.row}`);
    const wrong = findWrongSum(rows);
    if (wrong !== undefined)
      throw refuse(where, "probabilities of a sample sum to 1", `${wrong.sum} in row ${wrong.row}`);
    return logProbabilities(values);
  }
  if (looksLikeProbabilities(rows))
    throw new DataError("teacher/undeclared-probabilities", {
      where,
      rule: "logits must be unnormalised, and these all lie in 0 … 1 and sum to 1",
      got: `${Array.from(values.subarray(0, size.classes), (v) => v.toPrecision(3)).join(", ")} for the first sample`,
      fix: "Answer { probabilities: … } if that is what they are",
    });
  return Float32Array.from(values);
}

/** @returns float64 [rows · classes] */
function flatten(
  where: string,
  numbers: AnswerRows,
  { rows, classes }: { readonly rows: number; readonly classes: number },
): Float64Array {
  const rule = `the answer must be [${rows}, ${classes}] numbers, row by row or flat`;
  if (!Array.isArray(numbers) && !ArrayBuffer.isView(numbers))
    throw refuse(where, rule, typeof numbers);
  const isNested = numbers.length > 0 && typeof numbers[0] === "object";
  if (!isNested) {
    if (numbers.length !== rows * classes) throw refuse(where, rule, `${numbers.length} numbers`);
    return Float64Array.from(numbers as ArrayLike<number>); // not nested
  }
  const nested = numbers as readonly ArrayLike<number>[]; // just looked
  if (nested.length !== rows) throw refuse(where, rule, `${nested.length} rows`);
  const values = new Float64Array(rows * classes);
  for (const [row, part] of nested.entries()) {
    if (part.length !== classes) throw refuse(where, rule, `${part.length} numbers in row ${row}`);
    values.set(part, row * classes);
  }
  return values;
}

function refuse(where: string, rule: string, got: string): DataError {
  const fix = "Correct the teacher function";
  return new DataError("teacher/answer", { where, rule, got, fix });
}
