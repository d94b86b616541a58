/**
 * @file Asks the teacher about some samples again and compares with what the package holds for
 * them.
 */

import {
  alignSoftLabels,
  assertSoftLabelsMatch,
  type Dataset,
  effectiveLogits,
  largestError,
  makeViews,
  mostProbable,
  type SoftLabelPrecision,
  type SoftLabels,
  teacherLabels,
  UNLABELLED,
} from "../data/index.ts";
import { permutation } from "../engine/tensor/index.ts";
import { DataError } from "../errors/index.ts";
import { sampleReader, viewsOf } from "./sample-reader.ts";
import { batchTolerance, type Teacher } from "./teachers/index.ts";

export interface TeacherCheckOptions {
  readonly teacher: Teacher;
  readonly dataset: Dataset;
  readonly softLabels: SoftLabels;
  /**
   * how many are asked again, drawn by `seed`, in an order of their own; default 128, or all if
   * there are fewer
   */
  readonly samples?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** What was found. */
export interface TeacherCheck {
  readonly asked: number;
  /** labelled ones of the teacher's classes among them */
  readonly labelled: number;
  /** of these, right by the package */
  readonly correctByPackage: number;
  /** of these, right by the teacher now */
  readonly correctByTeacher: number;
  /** largest difference of a logit, as a share of what is allowed: at most 1 */
  readonly worstShare: number;
}

const nothing: TeacherCheck = {
  asked: 0,
  labelled: 0,
  correctByPackage: 0,
  correctByTeacher: 0,
  worstShare: 0,
};

/**
 * The package holds what the teacher says. Each logit of view 0 must be within the precision's
 * rounding, plus 1e-4 of the row's largest size (at least 1), of the teacher's answer now; and the
 * whole package must match its recorded accuracy. Not asked of a teacher that is not repeatable.
 * Where the teacher saw other inputs of samples that are equal for the student, it may be the row
 * of any of these: which is whose no package says.
 *
 * @throws DataError "package/teacher-differs" naming the sample; "package/order",
 *   "package/missing-sample" and "package/class-mismatch" as `assertSoftLabelsMatch` and
 *   `alignSoftLabels`
 */
export async function checkTeacherAgainstPackage(
  options: TeacherCheckOptions,
): Promise<TeacherCheck> {
  const { teacher, dataset, softLabels, seed = 0, signal } = options;
  const rows = alignSoftLabels(softLabels, dataset);
  assertSoftLabelsMatch(softLabels, dataset, rows);
  const wanted = Math.min(options.samples ?? 128, dataset.length);
  const count = teacher.workload.isRepeatable ? wanted : 0;
  const { manifest } = softLabels;
  const views = viewsOf(softLabels);
  const { mixOf } = makeViews(dataset, views);
  const isThere = (index: number): boolean => mixOf === null || mixOf(index, 0).partner >= 0;
  const chosen = permutation(dataset.length, seed, "teacher check").filter(isThere).slice(0, count);
  if (chosen.length === 0) return nothing;
  const batch = await sampleReader(dataset, views)(chosen, 0);
  const answers = await teacher.logits({ ...batch, ...(signal && { signal }) });
  const width = manifest.members.length * manifest.classCount;
  const stored = new Float32Array(width);
  const ownLabel = teacherLabels(manifest);
  let found: TeacherCheck = { ...nothing, asked: chosen.length };
  for (const [at, index] of chosen.entries()) {
    const now = answers.subarray(at * width, (at + 1) * width);
    const own = rows[index]!;
    const shareOf = (row: number): number =>
      worstShare(softLabels.logits(row, 0, stored), now, manifest.precision);
    const isSaid = (row: number): boolean => shareOf(row) <= 1;
    const row = isSaid(own) ? own : rowsOfEqual(softLabels, own).find(isSaid);
    if (row === undefined) throw differs(options, index, softLabels.logits(own, 0, stored), now);
    const share = shareOf(row); // and stored is this row
    const label = ownLabel(dataset.labels[index]!);
    const isRight = (row: Float32Array): number =>
      mostProbable(effectiveLogits(row, manifest)) === label ? 1 : 0;
    const isLabelled = label !== UNLABELLED;
    found = {
      ...found,
      labelled: found.labelled + (isLabelled ? 1 : 0),
      correctByPackage: found.correctByPackage + (isLabelled ? isRight(stored) : 0),
      correctByTeacher: found.correctByTeacher + (isLabelled ? isRight(now) : 0),
      worstShare: Math.max(found.worstShare, share),
    };
  }
  return found;
}

/** @returns rows of samples that are equal to this one, of which the teacher saw other inputs */
function rowsOfEqual({ manifest, keys }: SoftLabels, own: number): readonly number[] {
  if (manifest.teacherInputs === undefined) return [];
  return [...keys.keys()].filter((row) => row !== own && keys[row] === keys[own]);
}

/** @returns the largest difference of two rows over what is allowed */
function worstShare(
  stored: Float32Array,
  now: Float32Array,
  precision: SoftLabelPrecision,
): number {
  const size = now.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const allowed = largestError(precision, now) + batchTolerance * Math.max(1, size);
  return (
    now.reduce((worst, value, k) => Math.max(worst, Math.abs(value - stored[k]!)), 0) / allowed
  );
}

function differs(
  { teacher, dataset, softLabels }: TeacherCheckOptions,
  index: number,
  stored: Float32Array,
  now: Float32Array,
): DataError {
  const show = (row: Float32Array): string =>
    `[${Array.from(row.subarray(0, 10), (value) => value.toPrecision(5)).join(", ")}]`;
  return new DataError("package/teacher-differs", {
    where: `soft labels of ${softLabels.manifest.dataName}, sample ${index} (key ${dataset.key(index)})`,
    rule: `the package must hold what teacher "${teacher.name}" says, ${show(now)}`,
    got: show(stored),
    fix: "Label again: the package is another teacher's, or its rows are out of order",
    details: { sample: index },
  });
}
