/** @file A batch of labelled samples on its way into a package, and the checks it must pass. */

import {
  type DataOf,
  elementCount,
  type SampleDType,
  sampleDType,
} from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import { UNLABELLED } from "../dataset.ts";
import { isKey, KEY_BYTES } from "../key-bytes.ts";
import type { SoftLabelPlan } from "./manifest.ts";
import { assertStorable } from "./packed-logits.ts";
import { logitCount } from "./teacher-classes.ts";

/** Samples that follow one another in the data. */
export interface SoftLabelBatch {
  /** `Dataset.key` of each: 32 hex digits */
  readonly keys: readonly string[];
  /** class index of each, or UNLABELLED */
  readonly labels: Int32Array;
  /**
   * float32 [n, views, members, classes]: temperature-free, log p for a teacher of probabilities
   */
  readonly logits: Float32Array;
  /**
   * [n, ...sample shape] in the data's dtype, not augmented; in packages with inputs, and only
   * there
   */
  readonly inputs?: DataOf[SampleDType];
  /** group of each, one of the header's; in packages with groups, and only there */
  readonly groups?: readonly string[];
}

function batchError(where: string, rule: string, got: string): DataError {
  const fix = "Pass the arrays of one batch, in the shapes that the header announces";
  return new DataError("package/batch", { where, rule, got, fix });
}

interface BatchPlace {
  /** number of the batch's first sample in the data */
  readonly first: number;
  /** of the plan's groups, by name */
  readonly groupNumbers: ReadonlyMap<string, number>;
}

/**
 * Checks everything about a batch before any of it is stored.
 *
 * @throws DataError "package/batch", "package/too-many", "data/label", "package/non-finite",
 *   "package/logit-range"
 */
export function assertBatch(
  batch: SoftLabelBatch,
  plan: SoftLabelPlan,
  { first, groupNumbers }: BatchPlace,
): void {
  const { keys, labels, logits } = batch;
  const where = `soft labels of samples ${first} to ${first + keys.length - 1}`;
  if (first + keys.length > plan.sampleCount)
    throw new DataError("package/too-many", {
      where,
      rule: `the header announces ${plan.sampleCount} samples`,
      fix: "Start from the writer's `done`, and announce the data's length",
    });
  for (const key of keys)
    if (!isKey(key))
      throw batchError(where, `a key is ${2 * KEY_BYTES} hex digits`, JSON.stringify(key));
  if (labels.length !== keys.length)
    throw batchError(where, `${keys.length} keys need as many labels`, `${labels.length}`);
  const rows = plan.views.count * plan.members.length;
  const classes = logitCount(plan);
  if (logits.length !== keys.length * rows * classes) {
    const shape = `[${keys.length}, ${plan.views.count}, ${plan.members.length}, ${classes}]`;
    throw batchError(where, `logits must have shape ${shape}`, `${logits.length} numbers`);
  }
  assertInputs(batch, plan, where);
  assertGroups(batch, plan, where, groupNumbers);
  assertLabels(labels, plan.classNames.length, first);
  const sampleName = (row: number): string => {
    const sample = Math.floor(row / rows);
    return `sample ${first + sample} (key ${keys[sample]})`;
  };
  assertStorable(logits, { precision: plan.precision, classes }, sampleName);
}

function assertInputs({ keys, inputs }: SoftLabelBatch, plan: SoftLabelPlan, where: string): void {
  if ((inputs !== undefined) !== plan.withInputs)
    throw batchError(
      where,
      plan.withInputs
        ? "this package stores the inputs of every batch"
        : "this package stores no inputs",
      inputs === undefined ? "none" : "some",
    );
  if (inputs === undefined) return;
  const { dtype, shape } = plan.sample;
  const isRight = sampleDType(inputs) === dtype;
  const size = keys.length * elementCount(shape);
  if (!isRight || inputs.length !== size)
    throw batchError(
      where,
      `inputs must be ${dtype} with ${size} elements`,
      `${inputs.constructor.name} with ${inputs.length}`,
    );
}

function assertGroups(
  { keys, groups }: SoftLabelBatch,
  plan: SoftLabelPlan,
  where: string,
  numbers: BatchPlace["groupNumbers"],
): void {
  if ((groups !== undefined) !== (plan.groups !== undefined))
    throw batchError(
      where,
      plan.groups ? "this package stores every sample's group" : "this package stores no groups",
      groups === undefined ? "none" : "some",
    );
  if (groups === undefined) return;
  if (groups.length !== keys.length)
    throw batchError(where, `${keys.length} keys need as many groups`, `${groups.length}`);
  const unknown = groups.find((group) => !numbers.has(group));
  if (unknown !== undefined)
    throw batchError(where, "a group must be one of the header's", JSON.stringify(unknown));
}

function assertLabels(labels: Int32Array, classes: number, first: number): void {
  const bad = labels.findIndex((label) => label < UNLABELLED || label >= classes);
  if (bad === -1) return;
  throw new DataError("data/label", {
    where: `soft labels of sample ${first + bad}`,
    rule: `a label is 0 to ${classes - 1}, or ${UNLABELLED} for an unlabelled sample`,
    got: `${labels[bad]}`,
    fix: "Correct the label, or the class names",
  });
}
