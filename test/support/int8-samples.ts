/**
 * @file A small network around each operator that has an int8 form, and what each exporter says to
 * it.
 */

import { exportC, exportOnnxInt8, exportTflite } from "../../src/device/export/index.ts";
import {
  observedValues,
  planLayers,
  type QuantizedGraph,
  quantizePlan,
} from "../../src/device/quantize/index.ts";
import { input, topologicalOrder, type Value } from "../../src/engine/graph/index.ts";
import {
  abs,
  add,
  argMax,
  averagePool,
  clip,
  concat,
  div,
  erf,
  exp,
  globalAveragePool,
  gruSequence,
  leakyRelu,
  matMul,
  maximum,
  maxPool,
  minimum,
  mul,
  neg,
  type OpName,
  reduceMean,
  relu,
  relu6,
  reshape,
  sigmoid,
  slice,
  softmax,
  softplus,
  sub,
  tanh,
  transpose,
} from "../../src/engine/ops/index.ts";
import type { Shape } from "../../src/engine/tensor/index.ts";
import { isDistillError } from "../../src/errors/index.ts";
import { builder, graphOf } from "./quantized-networks.ts";

const { draw, dense, conv, norm } = builder(31);

interface Sample {
  /** of what is fed: features, an image or a sequence, with the batch axis */
  readonly shape: Shape;
  readonly build: (x: Value) => Value;
}

const features = (build: (x: Value) => Value): Sample => ({ shape: [1, 5], build });
/** a number times or beside what is fed would be its preprocessing */
const ofDense = (build: (x: Value) => Value): Sample => features((x) => build(dense(x, 4)));
const image = (build: (x: Value) => Value): Sample => ({ shape: [1, 3, 6, 6], build });
const sequence = (build: (x: Value) => Value): Sample => ({ shape: [1, 4, 3], build });

const samples: Readonly<Partial<Record<OpName, Sample>>> = {
  abs: ofDense(abs),
  add: features((x) => add(dense(x, 4), relu(dense(x, 4)))),
  argMax: ofDense((x) => argMax(x)),
  averagePool: image((x) => averagePool(x, { kernel: 2 })),
  batchNormalization: image((x) => norm(conv(x, 4))),
  clip: ofDense((x) => clip(x, -1, 1)),
  concat: features((x) => concat([dense(x, 4), relu(dense(x, 3))], 1)),
  conv2d: image((x) => conv(x, 4)),
  div: ofDense((x) => div(x, 3)),
  erf: ofDense(erf),
  exp: ofDense(exp),
  gemm: features((x) => dense(x, 4)),
  globalAveragePool: image(globalAveragePool),
  gruSequence: sequence((x) => {
    const weights = [draw([6, 3]), draw([6, 2]), draw([12])] as const;
    return transpose(gruSequence(transpose(x, [1, 0, 2]), ...weights), [1, 0, 2]);
  }),
  leakyRelu: ofDense((x) => leakyRelu(x)),
  matMul: features((x) => matMul(x, draw([5, 4]))),
  maximum: ofDense((x) => maximum(x, 0.5)),
  maxPool: image((x) => maxPool(x, { kernel: 2 })),
  minimum: ofDense((x) => minimum(x, 0.5)),
  mul: ofDense((x) => mul(x, 0.5)),
  neg: ofDense(neg),
  reduceMean: image((x) => reduceMean(x, { axes: [2, 3] })),
  relu: ofDense(relu),
  relu6: ofDense(relu6),
  reshape: image((x) => reshape(x, [1, 108])),
  sigmoid: ofDense(sigmoid),
  slice: sequence((x) => slice(x, { starts: [1], ends: [3], axes: [1] })),
  softmax: ofDense((x) => softmax(x)),
  softplus: ofDense(softplus),
  sub: ofDense((x) => sub(x, 0.5)),
  tanh: ofDense(tanh),
  transpose: sequence((x) => transpose(x, [0, 2, 1])),
};

/** @returns the sample as integers, every activation in [−4, 4], or undefined if there is none */
export function int8Sample(op: OpName): QuantizedGraph | undefined {
  const sample = samples[op];
  if (sample === undefined) return undefined;
  const x = input("samples", "float32", sample.shape);
  const output = sample.build(x);
  if (!topologicalOrder([output]).some((value) => value.op === op))
    throw new Error(`the sample of ${op} does not use it`);
  const plan = planLayers(graphOf(op, x, output));
  const ranges = new Map(observedValues(plan).map((value) => [value, { min: -4, max: 4 }]));
  return quantizePlan(plan, ranges);
}

export const int8Targets = {
  C: (graph: QuantizedGraph): unknown => exportC(graph),
  TFLite: (graph: QuantizedGraph): unknown => exportTflite(graph),
  ONNX: (graph: QuantizedGraph): unknown => exportOnnxInt8(graph),
} as const;

/** @returns the rule by which the target refuses the network, or undefined if it takes it */
export function refusalOf(
  target: keyof typeof int8Targets,
  graph: QuantizedGraph,
): string | undefined {
  try {
    int8Targets[target](graph);
    return undefined;
  } catch (error) {
    if (isDistillError(error) && error.code === "export/unsupported") return error.message;
    throw error;
  }
}
