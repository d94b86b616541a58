/** @file What the compositions refuse, by code and message. */

import { expect, it } from "vitest";
import { input, type Value } from "../../src/graph/index.ts";
import {
  conv1d,
  convTranspose2d,
  gelu,
  groupNormalization,
  gru,
  layerNormalization,
  logMel,
  powerSpectrogram,
  scaledDotProductAttention,
} from "../../src/ops/index.ts";

const of = (...shape: number[]): Value => input(`x${shape}`, "float32", shape);
const gate = { kernel: of(3, 2), recurrentKernel: of(2, 2), bias: of(2) };

it.each<[name: string, build: () => unknown, code: string, message: string]>([
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
    "erf: the dtype must be float32, got int32. Cast the operand first.",
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
    "convTranspose2d: outputPadding must be at least 0 and below the strides [2, 2], got [0, 2]. Pad the result for more.",
  ],
  [
    "attention with keys of another width",
    () => scaledDotProductAttention(of(2, 3, 4), of(2, 3, 5), of(2, 3, 4)),
    "shape/mismatch",
    "scaledDotProductAttention: query [..., queries, width], key [..., keys, width] and value [..., keys, valueWidth] must agree, got [2, 3, 4], [2, 3, 5], [2, 3, 4]. Give query and key one width, and key and value one number of places.",
  ],
  [
    "attention with a float mask",
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
    "a spectrogram with frames longer than the transform",
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
])("%s", (_name, build, code, message) => {
  expect(build).toThrow(expect.objectContaining({ code, message }));
});
