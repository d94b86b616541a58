/** @file What the compositions refuse, by code and message. */

import { expect, it } from "vitest";
import { input, type Value } from "../../src/engine/graph/index.ts";
import {
  batchNormTraining,
  conv1d,
  convTranspose2d,
  dropout,
  gelu,
  groupNormalization,
  gru,
  hardSigmoid,
  hardSwish,
  layerNormalization,
  logMel,
  melFilters,
  powerSpectrogram,
  scaledDotProductAttention,
  silu,
} from "../../src/engine/ops/index.ts";
import { documentedRefusals } from "../support/documented-codes.ts";

const of = (...shape: number[]): Value => input(`x${shape}`, "float32", shape);
const integers = input("x", "int32", [2]);
const doubles = input("x", "float64", [3]);
/** What JavaScript may give where a word of a closed set belongs. */
const word = (text: string): never => text as never;
const frames = { frameLength: 16, hop: 5, fftSize: 16 };
const gate = { kernel: of(3, 2), recurrentKernel: of(2, 2), bias: of(2) };

/** names start with the composition's */
const refusals: readonly [name: string, build: () => unknown, code: string, message: string][] = [
  [
    "layerNormalization with a scale of other sizes",
    () => layerNormalization(of(2, 3), of(2), of(2)),
    "shape/mismatch",
    "layerNormalization: scale must have the shape [3] that the other operands imply, got [2]. Make the shapes agree.",
  ],
  [
    "layerNormalization with too many axes",
    () => layerNormalization(of(3), of(2, 3), of(2, 3)),
    "shape/rank",
    "layerNormalization: scale must have 1 to 1 axes, the last ones of x, got [2, 3] for x of [3]. Give scale the sizes of the axes to normalise over.",
  ],
  [
    "groupNormalization with groups that do not divide",
    () => groupNormalization(of(2, 6, 4), of(6), of(6), { groups: 4 }),
    "shape/groups",
    "groupNormalization: groups must divide the 6 channels of [2, 6, 4], got 4. Choose a divisor.",
  ],
  [
    "groupNormalization with an epsilon of 0",
    () => groupNormalization(of(2, 6), of(6), of(6), { groups: 2, epsilon: 0 }),
    "config/range",
    "groupNormalization: epsilon must be a positive finite number, got 0.",
  ],
  [
    "gelu of integers",
    () => gelu(input("x", "int32", [2])),
    "dtype/unsupported",
    "gelu: the dtype must be float32, got int32. Cast the operand first.",
  ],
  [
    "gelu in another form",
    () => gelu(of(2), { form: word("exact") }),
    "config/unknown-name",
    'gelu: unknown form "exact". Valid: erf, tanh.',
  ],
  [
    "conv1d of images",
    () => conv1d(of(1, 2, 3, 4), of(1, 2, 3)),
    "shape/rank",
    "conv1d: the operand must have 3 axes [batch, channels, length], got [1, 2, 3, 4]. Reshape it.",
  ],
  [
    "convTranspose2d with an output padding of a stride",
    () => convTranspose2d(of(1, 2, 3, 3), of(2, 1, 3, 3), { strides: 2, outputPadding: [0, 2] }),
    "config/range",
    "convTranspose2d: outputPadding must be integers of at least 0 and below the strides [2, 2], got [0, 2]. Pad the result for more.",
  ],
  [
    "convTranspose2d with half a column more",
    () => convTranspose2d(of(1, 2, 3, 3), of(2, 1, 3, 3), { strides: 2, outputPadding: [0, 0.5] }),
    "config/range",
    "convTranspose2d: outputPadding must be integers of at least 0 and below the strides [2, 2], got [0, 0.5]. Pad the result for more.",
  ],
  [
    "convTranspose2d that cuts everything off",
    () => convTranspose2d(of(1, 2, 1, 1), of(2, 1, 3, 3), { padding: [1, 2, 2, 2] }),
    "shape/window",
    "convTranspose2d: the result must have at least one row and one column, got [0, -1]. Use less padding, a larger kernel or a larger image.",
  ],
  [
    "scaledDotProductAttention with keys of another width",
    () => scaledDotProductAttention(of(2, 3, 4), of(2, 3, 5), of(2, 3, 4)),
    "shape/mismatch",
    "scaledDotProductAttention: query [..., queries, width], key [..., keys, width] and value [..., keys, valueWidth] must agree, got [2, 3, 4], [2, 3, 5], [2, 3, 4]. Give query and key one width, and key and value one number of places.",
  ],
  [
    "scaledDotProductAttention of integers",
    () => {
      const x = input("x", "int32", [3, 4]);
      return scaledDotProductAttention(x, x, x);
    },
    "dtype/float",
    'scaledDotProductAttention: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
  ],
  [
    "scaledDotProductAttention with a float mask",
    () => scaledDotProductAttention(of(3, 4), of(3, 4), of(3, 4), { mask: of(3, 3) }),
    "dtype/bool",
    "where: the condition must be a bool tensor, got float32. Compare first: greater(x, 0).",
  ],
  [
    "gru without steps",
    () => gru([], { reset: gate, update: gate, candidate: gate }),
    "shape/operands",
    "gru: there must be at least one step, got none.",
  ],
  [
    "gru with a kernel for other features",
    () => gru([of(5, 4)], { reset: gate, update: gate, candidate: gate }),
    "shape/mismatch",
    "gru: reset.kernel must have the shape [4, 2] that the other operands imply, got [3, 2]. Make the shapes agree.",
  ],
  [
    "powerSpectrogram with another window",
    () => powerSpectrogram(of(1, 100), { ...frames, window: word("hamming") }),
    "config/unknown-name",
    'powerSpectrogram: unknown window "hamming". Valid: hann, none.',
  ],
  [
    "powerSpectrogram with frames longer than the transform",
    () => powerSpectrogram(of(1, 100), { frameLength: 20, hop: 5, fftSize: 16 }),
    "config/range",
    "powerSpectrogram: frameLength, hop and fftSize must be integers of at least 1, frameLength at most fftSize, fftSize even, got 20, 5 and 16. At 16 kHz: 480, 320 and 512.",
  ],
  [
    "logMel without floor",
    () =>
      logMel(of(1, 100), {
        frameLength: 16,
        hop: 5,
        fftSize: 16,
        sampleRate: 8000,
        mels: 2,
        floor: 0,
      }),
    "config/range",
    "logMel: floor must be positive, or silence has no logarithm, got 0.",
  ],
  [
    "layerNormalization of nothing",
    () => layerNormalization(of(0, 3), of(3), of(3)),
    "shape/empty",
    "layerNormalization: every axis must have at least one element, got [0, 3].",
  ],
  [
    "layerNormalization with a scale in float64",
    () => layerNormalization(of(2, 3), doubles, doubles),
    "dtype/mismatch",
    "mul: operands must have one dtype, got float32 and float64. Cast one of them: nothing is converted silently.",
  ],
  [
    "layerNormalization with a negative epsilon",
    () => layerNormalization(of(2, 3), of(3), of(3), { epsilon: -1 }),
    "config/range",
    "layerNormalization: epsilon must be a positive finite number, got -1.",
  ],
  [
    "groupNormalization of nothing",
    () => groupNormalization(of(2, 6, 0), of(6), of(6), { groups: 2 }),
    "shape/empty",
    "groupNormalization: every axis must have at least one element, got [2, 6, 0].",
  ],
  [
    "groupNormalization with a scale in float64",
    () => groupNormalization(of(2, 3), doubles, doubles, { groups: 1 }),
    "dtype/mismatch",
    "mul: operands must have one dtype, got float32 and float64. Cast one of them: nothing is converted silently.",
  ],
  [
    "groupNormalization without channels",
    () => groupNormalization(of(2), of(3), of(3), { groups: 1 }),
    "shape/rank",
    "groupNormalization: the operand must have at least 2 axes [batch, channels, ...], got [2]. Reshape it.",
  ],
  [
    "groupNormalization with a scale for other channels",
    () => groupNormalization(of(2, 3), of(2), of(3), { groups: 1 }),
    "shape/mismatch",
    "groupNormalization: scale must have the shape [3] that the other operands imply, got [2]. Make the shapes agree.",
  ],
  [
    "gelu of integers in the form tanh",
    () => gelu(integers, { form: "tanh" }),
    "dtype/float",
    'gelu: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
  ],
  [
    "silu of integers",
    () => silu(integers),
    "dtype/float",
    'sigmoid: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
  ],
  [
    "hardSigmoid of integers",
    () => hardSigmoid(integers),
    "dtype/float",
    'relu6: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
  ],
  [
    "hardSwish of integers",
    () => hardSwish(integers),
    "dtype/float",
    'relu6: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
  ],
  [
    "powerSpectrogram of less than a frame",
    () => powerSpectrogram(of(1, 10), frames),
    "shape/window",
    "conv2d: the window must fit into the padded input; it reaches over [1, 16], got a padded input of [1, 10]. Pad more, or take a smaller kernel or dilation.",
  ],
  [
    "powerSpectrogram without a batch",
    () => powerSpectrogram(of(100), frames),
    "shape/rank",
    "powerSpectrogram: the operand must have 2 axes [batch, samples], got [100]. Reshape it.",
  ],
  [
    "scaledDotProductAttention of vectors",
    () => scaledDotProductAttention(of(4), of(4), of(4)),
    "shape/mismatch",
    "scaledDotProductAttention: query [..., queries, width], key [..., keys, width] and value [..., keys, valueWidth] must agree, got [4], [4], [4]. Give query and key one width, and key and value one number of places.",
  ],
  [
    "convTranspose2d of a sequence",
    () => convTranspose2d(of(1, 2, 3), of(2, 1, 3, 3)),
    "shape/rank",
    "convTranspose2d: the operand must have 4 axes [batch, channels, height, width], got [1, 2, 3]. Reshape it.",
  ],
  [
    "dropout of everything",
    () => dropout(of(2), { rate: 1, seed: input("seed", "uint32", []), stream: 0 }),
    "config/range",
    "dropout: rate must be in [0, 1), got 1. 0.5 is usual for hidden layers, 0.2 for inputs, 0 turns it off.",
  ],
  [
    "batchNormTraining without channels",
    () => batchNormTraining(of(2), of(2), of(2)),
    "shape/rank",
    "batchNormTraining: the operand must have at least 2 axes [batch, channels, ...], got [2]. Reshape it.",
  ],
  [
    "batchNormTraining with a scale for other channels",
    () => batchNormTraining(of(2, 3), of(2), of(3)),
    "shape/mismatch",
    "batchNormTraining: scale must have the shape [3] that the other operands imply, got [2]. Make the shapes agree.",
  ],
  [
    "batchNormTraining of one sample",
    () => batchNormTraining(of(1, 3), of(3), of(3)),
    "shape/batch",
    "batchNormTraining: a channel must have more than one element, or its variance is 0, got [1, 3]. Use a larger batch, or drop the last incomplete one.",
  ],
  [
    "batchNormTraining with an epsilon of 0",
    () => batchNormTraining(of(2, 3), of(3), of(3), { epsilon: 0 }),
    "config/range",
    "batchNormTraining: epsilon must be a positive finite number, got 0.",
  ],
  [
    "melFilters without a filter",
    () => melFilters({ sampleRate: 8000, fftSize: 16, mels: 0 }),
    "config/range",
    "melFilters: mels must be an integer of at least 1, got 0.",
  ],
  [
    "melFilters on another scale",
    () => melFilters({ sampleRate: 8000, fftSize: 16, mels: 2, melScale: word("mel") }),
    "config/unknown-name",
    'melFilters: unknown melScale "mel". Valid: htk, slaney.',
  ],
  [
    "melFilters with another norm",
    () => melFilters({ sampleRate: 8000, fftSize: 16, mels: 2, normalization: word("area") }),
    "config/unknown-name",
    'melFilters: unknown normalization "area". Valid: none, slaney.',
  ],
  [
    "melFilters narrower than the transform's frequencies",
    () => melFilters({ sampleRate: 8000, fftSize: 16, mels: 40 }),
    "config/mel-filters",
    "melFilters: every filter must hold a frequency of the transform, 500 Hz apart, got none for filter 0 of 40, 0.0 to 68.1 Hz. Take fewer filters, a larger fftSize, or a higher lowFrequency.",
  ],
];

it.each(refusals)("%s", (_name, build, code, message) => {
  expect(build).toThrow(expect.objectContaining({ code, message }));
});

it("every code that a composition's documentation promises is among these", () => {
  const promises = documentedRefusals("ops/compositions/");
  expect(promises.length).toBeGreaterThan(25);
  const shown = new Set(refusals.map(([name, , code]) => `${name.split(" ")[0]} ${code}`));
  expect(promises.filter((each) => !shown.has(each))).toEqual([]);
});
