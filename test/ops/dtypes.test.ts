/**
 * @file Whatever dtype an operator accepts, ONNX Runtime accepts too: each sample's operands in
 * each dtype.
 */

import { describe, expect, it } from "vitest";
import { definitionOf } from "../../src/engine/ops/index.ts";
import {
  allocate,
  type DType,
  dtypes,
  float16FromFloat32,
  type Tensor,
} from "../../src/engine/tensor/index.ts";
import { isDistillError } from "../../src/errors/index.ts";
import { loadOpCases } from "../support/op-case-files.ts";
import type { OpCases, OpSample } from "../support/op-cases.ts";
import { graphOf, type SampleGraph, sampleGraph } from "../support/op-sample.ts";
import { runGraph } from "../support/run-graph.ts";

const allCases = await loadOpCases();

/** @returns the tensor with its elements in another dtype, cut to what that holds */
function inDType(tensor: Tensor, dtype: DType): Tensor {
  const data = allocate(dtype, tensor.data.length);
  for (let i = 0; i < data.length; i++) {
    const number = Number(tensor.data[i]);
    const whole = Number.isFinite(number) ? Math.trunc(number) : 0;
    if (data instanceof BigInt64Array) data[i] = BigInt(whole);
    else if (dtype === "float16") data[i] = float16FromFloat32(number);
    else if (dtype === "bool") data[i] = number === 0 ? 0 : 1;
    else data[i] = dtype.startsWith("float") ? number : whole;
  }
  return { dtype, shape: tensor.shape, data } as Tensor; // the array was allocated for the dtype
}

/** The sample with every operand of the first operand's dtype in another one. */
function converted(sample: OpSample, dtype: DType): OpSample {
  const from = sample.inputs[0]!.dtype;
  return {
    ...sample,
    inputs: sample.inputs.map((tensor) =>
      tensor.dtype === from ? inDType(tensor, dtype) : tensor,
    ),
  };
}

function accepted(cases: OpCases, sample: OpSample): SampleGraph | null {
  try {
    return sampleGraph(cases, sample);
  } catch (error) {
    if (isDistillError(error)) return null;
    throw error;
  }
}

describe.each(allCases.filter(({ samples }) => samples.length > 0))("$op", (cases) => {
  it.each(dtypes)("%s", async (dtype) => {
    const built = accepted(cases, converted(cases.samples[0]!, dtype));
    if (built === null) return;
    for (const form of definitionOf(cases.op).forms ?? [""]) {
      const forms = form === "" ? {} : { [cases.op]: form };
      const { output0 } = await runGraph(graphOf(built, [built.output]), built.feeds, { forms });
      expect(output0!.dtype).toBe(built.output.dtype);
    }
  });
});
