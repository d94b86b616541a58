/** @file The arrays of a package, and their names, dtypes and shapes in a shard file. */

import type { SampleDType } from "../../engine/tensor/index.ts";
import {
  allocate,
  type DataOf,
  type DType,
  elementCount,
  type Shape,
  sameShape,
  showShape,
  type Tensor,
  type TypedArray,
} from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import { KEY_BYTES } from "../key-bytes.ts";
import { readSafetensors } from "../safetensors.ts";
import type { SoftLabelPlan } from "./manifest.ts";
import { allocatePacked, type PackedLogits } from "./packed-logits.ts";
import { logitCount } from "./teacher-classes.ts";

/** Everything that is stored per sample, for a run of samples. */
export interface SampleArrays {
  /** [n, 16] */
  readonly keys: Uint8Array;
  /** [n] */
  readonly labels: Int32Array;
  /** rows in order (sample, view, member) */
  readonly logits: PackedLogits;
  /** [n, ...sample shape]; null in a package without inputs */
  readonly inputs: DataOf[SampleDType] | null;
  /** [n]: numbers of the plan's groups; null in a package without */
  readonly groups: Uint32Array | null;
}

/** @returns zeroed arrays for `count` samples */
export function allocateSamples(plan: SoftLabelPlan, count: number): SampleArrays {
  const rows = count * plan.views.count * plan.members.length;
  const { dtype, shape } = plan.sample;
  return {
    keys: new Uint8Array(count * KEY_BYTES),
    labels: new Int32Array(count),
    logits: allocatePacked(plan.precision, rows, logitCount(plan)),
    inputs: plan.withInputs ? allocate(dtype, count * elementCount(shape)) : null,
    groups: plan.groups ? new Uint32Array(count) : null,
  };
}

/** @returns the tensors of samples `first` … `first + count - 1`, as views of the arrays */
export function shardTensors(
  arrays: SampleArrays,
  plan: SoftLabelPlan,
  first: number,
  count: number,
): Map<string, Tensor> {
  const perSample: Shape = [plan.views.count, plan.members.length];
  const tensors = new Map<string, Tensor>();
  const put = (name: string, dtype: DType, shape: Shape, data: TypedArray | null): void => {
    if (data === null) return;
    const size = elementCount(shape);
    const part = data.subarray(first * size, (first + count) * size);
    tensors.set(name, { dtype, shape: [count, ...shape], data: part });
  };
  const { precision, classes, values, scale, offset } = arrays.logits;
  put("keys", "uint8", [KEY_BYTES], arrays.keys);
  put("labels", "int32", [], arrays.labels);
  put("logits", precision, [...perSample, classes], values);
  put("scale", "float32", perSample, scale);
  put("offset", "float32", perSample, offset);
  put("inputs", plan.sample.dtype, plan.sample.shape, arrays.inputs);
  put("groups", "uint32", [], arrays.groups);
  return tensors;
}

/**
 * Reads a shard file into its place.
 *
 * @param into from `shardTensors`: the expected tensors, overwritten
 * @throws DataError "package/shard-format" if names, dtypes or shapes are not those of the manifest
 */
export function loadShard(bytes: Uint8Array, where: string, into: Map<string, Tensor>): void {
  const { tensors } = readSafetensors(bytes, where);
  const wrong = (rule: string, got: string): DataError =>
    new DataError("package/shard-format", {
      where,
      rule,
      got,
      fix: "Label again; the shard does not belong to this manifest",
    });
  const names = [...into.keys()];
  if (tensors.size !== into.size || names.some((name) => !tensors.has(name)))
    throw wrong(
      `a shard of this package holds ${names.join(", ")}`,
      [...tensors.keys()].join(", "),
    );
  for (const [name, { dtype, shape, data }] of into) {
    const found = tensors.get(name)!; // names were just compared
    if (found.dtype !== dtype || !sameShape(found.shape, shape))
      throw wrong(
        `tensor "${name}" must be ${dtype} ${showShape(shape)}`,
        `${found.dtype} ${showShape(found.shape)}`,
      );
    (data as Uint8Array).set(found.data as Uint8Array); // the dtypes, so the array types, are equal
  }
}
