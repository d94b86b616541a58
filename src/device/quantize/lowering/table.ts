/** @file Every operator's int8 form, or why it has none. A new operator must answer here. */

import type { OpName } from "../../../engine/ops/index.ts";
import { type Lowering, type Unsupported, unsupported } from "./lowering.ts";
import {
  lowerAdd,
  lowerArgMax,
  lowerAveragePool,
  lowerClip,
  lowerConcat,
  lowerGlobalAveragePool,
  lowerMaxPool,
  lowerReduceMean,
  lowerRelu,
  lowerRelu6,
  lowerReshape,
  lowerSoftmax,
} from "./plain.ts";
import { lowerGruSequence, lowerSlice, lowerTranspose } from "./sequence.ts";
import { lowerUnary } from "./unary.ts";
import { lowerBatchNormalization, lowerConv2d, lowerGemm, lowerMatMul } from "./weighted.ts";

const training = unsupported("it belongs to training; build the graph for inference");
const logical = unsupported("int8 networks have no truth values; use relu, clip or maxPool");
const indexing = unsupported("int8 networks index nothing; do it outside the network");
const reduction = unsupported("use averagePool, globalAveragePool or maxPool");
const rearrangement = unsupported("use reshape, or strides and padding of a convolution");

export const lowerings: Readonly<Record<OpName, Lowering | Unsupported>> = {
  abs: lowerUnary,
  add: lowerAdd,
  and: logical,
  argMax: lowerArgMax,
  averagePool: lowerAveragePool,
  batchNormalization: lowerBatchNormalization,
  cast: unsupported(
    "only the samples are cast, before anything else; token ids of a transformer have no int8 form: export it as float ONNX (--format onnx), or distil a gru or tcn on vectors",
  ),
  clip: lowerClip,
  concat: lowerConcat,
  conv2d: lowerConv2d,
  conv2dInputGrad: unsupported("upsample outside the network, or use conv2d"),
  conv2dWeightGrad: training,
  div: lowerUnary,
  equal: logical,
  erf: lowerUnary,
  exp: lowerUnary,
  expand: rearrangement,
  fakeQuantize: training,
  gather: indexing,
  gatherGrad: training,
  gemm: lowerGemm,
  globalAveragePool: lowerGlobalAveragePool,
  greater: logical,
  greaterOrEqual: logical,
  gruSequence: lowerGruSequence,
  hashUniform: training,
  heaviside: logical,
  isFiniteNumber: logical,
  leakyRelu: lowerUnary,
  less: logical,
  log: unsupported("its range is too wide for 8 bits; take it outside the network"),
  logSoftmax: unsupported("use softmax, or leave the logits as they are"),
  matMul: lowerMatMul,
  maximum: lowerUnary,
  maxPool: lowerMaxPool,
  maxPoolGrad: training,
  minimum: lowerUnary,
  mul: lowerUnary,
  neg: lowerUnary,
  normalizeBatch: training,
  not: logical,
  oneHot: indexing,
  pad: unsupported("use the padding of the convolution after it"),
  pow: unsupported("use conv2d, gemm and activations only"),
  reduceMax: reduction,
  reduceMean: lowerReduceMean,
  reduceMin: reduction,
  reduceSum: reduction,
  relu: lowerRelu,
  relu6: lowerRelu6,
  reshape: lowerReshape,
  sigmoid: lowerUnary,
  slice: lowerSlice,
  softmax: lowerSoftmax,
  softplus: lowerUnary,
  sqrt: unsupported("use conv2d, gemm and activations only"),
  stopGradient: training,
  sub: lowerUnary,
  tanh: lowerUnary,
  topKIndices: indexing,
  topKValues: indexing,
  transpose: lowerTranspose,
  where: logical,
};

/** Operators that have an int8 form, sorted; shown in messages. */
export const supportedOps: readonly string[] = Object.entries(lowerings)
  .filter(([, lowering]) => typeof lowering === "function")
  .map(([name]) => name)
  .toSorted();
