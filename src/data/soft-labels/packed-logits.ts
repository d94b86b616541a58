/**
 * @file Rows of logits at the package's precision. A row is the classes of one (sample, view,
 * member).
 *
 *   float32  as it is
 *   float16  rounded to the nearest half, ties to even: relative error at most 2^-11
 *            for |logit| >= 2^-14
 *   int8     value = offset + scale · q with q in -128 … 127; scale and offset are float32,
 *            one of each per row, and |value - logit| <= scale / 2
 */

import { allocate, float16FromFloat32, float32FromFloat16 } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import type { SoftLabelPrecision } from "./manifest.ts";

/**
 * Largest |logit| that each precision takes: float16's own limit; for int8 one that decoding cannot
 * overflow.
 */
const largestLogit: Readonly<Record<SoftLabelPrecision, number>> = {
  float16: 65504,
  float32: Number.POSITIVE_INFINITY,
  int8: 1e38,
};

/** Packed rows, one after another. */
export interface PackedLogits {
  readonly precision: SoftLabelPrecision;
  readonly classes: number;
  /** [rows, classes]; float16 as its bits */
  readonly values: Uint16Array | Float32Array | Int8Array;
  /** [rows]; null unless int8 */
  readonly scale: Float32Array | null;
  readonly offset: Float32Array | null;
}

export function allocatePacked(
  precision: SoftLabelPrecision,
  rows: number,
  classes: number,
): PackedLogits {
  const perRow = (): Float32Array | null => (precision === "int8" ? new Float32Array(rows) : null);
  return {
    precision,
    classes,
    values: allocate(precision, rows * classes),
    scale: perRow(),
    offset: perRow(),
  };
}

/**
 * Checks that every logit can be stored.
 *
 * @param sampleName names the sample of a row for the message
 * @throws DataError "package/non-finite", "package/logit-range"
 */
export function assertStorable(
  logits: Float32Array,
  { precision, classes }: { readonly precision: SoftLabelPrecision; readonly classes: number },
  sampleName: (row: number) => string,
): void {
  const limit = largestLogit[precision];
  for (let i = 0; i < logits.length; i++) {
    const value = logits[i]!;
    if (!Number.isFinite(value))
      throw new DataError("package/non-finite", {
        where: `soft labels of ${sampleName(Math.floor(i / classes))}, class ${i % classes}`,
        rule: "a teacher's logits must be finite numbers",
        got: String(value),
        fix: "Correct the teacher; a teacher of probabilities must give none that is exactly 0",
      });
    if (Math.abs(value) > limit)
      throw new DataError("package/logit-range", {
        where: `soft labels of ${sampleName(Math.floor(i / classes))}, class ${i % classes}`,
        rule: `${precision} holds logits from -${limit} to ${limit}`,
        got: String(value),
        fix: "Label with precision float32",
      });
  }
}

/**
 * What a package gives back for these logits: rounded to its precision, as float32.
 *
 * @param logits float32 [rows, classes]; @param sampleName names the sample of a row for the
 *   message
 * @throws as assertStorable
 */
export function roundLogits(
  logits: Float32Array,
  form: { readonly precision: SoftLabelPrecision; readonly classes: number },
  sampleName: (row: number) => string,
): Float32Array {
  assertStorable(logits, form, sampleName);
  const packed = allocatePacked(form.precision, logits.length / form.classes, form.classes);
  packRows(packed, 0, logits);
  const rounded = new Float32Array(logits.length);
  unpackRows(packed, 0, rounded);
  return rounded;
}

/** Stores rows of storable logits from row `first` on. @param logits float32 [n, classes] */
export function packRows(packed: PackedLogits, first: number, logits: Float32Array): void {
  const { classes, values, precision } = packed;
  if (precision === "float32") values.set(logits, first * classes);
  else if (precision === "float16")
    for (let i = 0; i < logits.length; i++)
      values[first * classes + i] = float16FromFloat32(logits[i]!);
  else
    for (let row = 0; row * classes < logits.length; row++)
      packInt8Row(packed, first + row, logits.subarray(row * classes, (row + 1) * classes));
}

/**
 * Chooses offset first, then the smallest float32 scale with which -128 … 127 reach the row's both
 * ends.
 */
function packInt8Row(
  { classes, values, scale, offset }: PackedLogits,
  row: number,
  x: Float32Array,
) {
  let low = x[0]!;
  let high = low;
  for (const value of x) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const middle = Math.fround(low + (high - low) * (128 / 255));
  const step = ceilFloat32(Math.max((high - middle) / 127, (middle - low) / 128));
  scale![row] = step; // int8 rows have both
  offset![row] = middle;
  for (let k = 0; k < classes; k++)
    values[row * classes + k] = step === 0 ? 0 : Math.round((x[k]! - middle) / step);
}

const bitsFloat = new Float32Array(1);
const bits = new Uint32Array(bitsFloat.buffer);

/** @param value ≥ 0. @returns the smallest float32 that is not less */
function ceilFloat32(value: number): number {
  bitsFloat[0] = value;
  if (bitsFloat[0]! < value) bits[0]! += 1;
  return bitsFloat[0]!;
}

/** Decodes `into.length / classes` rows from row `first` on. @param into float32 [n, classes] */
export function unpackRows(packed: PackedLogits, first: number, into: Float32Array): void {
  const { classes, values, scale, offset } = packed;
  const start = first * classes;
  if (values instanceof Float32Array) into.set(values.subarray(start, start + into.length));
  else if (values instanceof Uint16Array)
    for (let i = 0; i < into.length; i++) into[i] = float32FromFloat16(values[start + i]!);
  else
    for (let i = 0; i < into.length; i++) {
      const row = first + Math.floor(i / classes);
      into[i] = offset![row]! + scale![row]! * values[start + i]!; // int8 rows have both
    }
}

/** @throws DataError "package/non-finite" for stored numbers that are infinite or not numbers */
export function assertFinitePacked(
  { classes, values, scale, offset }: PackedLogits,
  sampleName: (row: number) => string,
): void {
  const find = (numbers: Float32Array): number =>
    numbers.findIndex((value) => !Number.isFinite(value));
  const perRow = (numbers: Float32Array | null): number => (numbers === null ? -1 : find(numbers));
  let row = Math.max(perRow(scale), perRow(offset));
  if (values instanceof Float32Array) row = Math.floor(find(values) / classes);
  else if (values instanceof Uint16Array)
    row = Math.floor(values.findIndex((half) => (half & 0x7c00) === 0x7c00) / classes);
  if (row < 0) return;
  throw new DataError("package/non-finite", {
    where: `soft labels of ${sampleName(row)}`,
    rule: "stored logits must be finite numbers",
    fix: "Correct the teacher and label again",
  });
}
