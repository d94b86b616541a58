/** @file A sample of every layer, with its formula written again (layer-formulas.ts). */

import {
  type ActivationName,
  activation,
  asSequence,
  batchNorm,
  conv1d,
  conv2d,
  convTranspose2d,
  dense,
  dropout,
  embedding,
  flatten,
  globalAveragePool,
  groupNorm,
  gruLayer,
  layerNorm,
  logMel,
  multiHeadAttention,
  pool2d,
  poolPositions,
  positionEmbedding,
  positionwiseDense,
  residual,
  sequence,
  swapAxes,
  unflatten,
} from "../../src/engine/nn/index.ts";
import { melFilters } from "../../src/engine/ops/index.ts";
import {
  at,
  attention,
  convolution,
  type Formula,
  type Grid,
  grid,
  gruStates,
  type LayerSample,
  logMelImage,
  map,
  normalDistribution,
  normalized,
  plus,
  product,
  sigmoid,
  transposedConvolution,
} from "./layer-formulas.ts";

const activations: Readonly<Record<ActivationName, (x: number) => number>> = {
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  leakyRelu: (x) => (x > 0 ? x : 0.01 * x),
  sigmoid,
  tanh: Math.tanh,
  gelu: (x) => x * normalDistribution(x),
  silu: (x) => x * sigmoid(x),
  hardSwish: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  hardSigmoid: (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
  softplus: (x) => Math.log(1 + Math.exp(x)),
};

const sound = { frameLength: 16, hop: 5, fftSize: 16, sampleRate: 8000, mels: 2 };
const mask = [
  [1, 0, 1, 1],
  [1, 1, 1, 0],
];

function meanOf(x: Grid, isReal: (position: number) => boolean): Grid {
  const places = [...Array(x.shape[0]!).keys()].filter(isReal);
  return grid([x.shape[1]!], (f) => {
    const members = places.map((p) => at(x, p, f));
    return members.reduce((sum, each) => sum + each, 0) / members.length;
  });
}

const gruFormula =
  (before: boolean): Formula =>
  (x, parameter) =>
    gruStates(gruStates(x, parameter, { level: 1, before }), parameter, { level: 2, before });

export const layerSamples: readonly LayerSample[] = [
  ...Object.entries(activations).map(
    ([name, f]): LayerSample => ({
      name: `activation ${name}`,
      layer: activation(name as ActivationName), // a key of the record
      inputShape: [3, 4],
      formula: (x) => map(x, f),
      rounds: ["gelu", "hardSwish", "hardSigmoid"].includes(name),
    }),
  ),
  {
    name: "batchNorm",
    layer: batchNorm({ epsilon: 0.25 }),
    inputShape: [3, 4],
    formula: (x, parameter) =>
      grid(x.shape, (c, i) => {
        const deviation = Math.sqrt(at(parameter("variance"), c) + 0.25);
        const y = (at(x, c, i) - at(parameter("mean"), c)) / deviation;
        return y * at(parameter("scale"), c) + at(parameter("offset"), c);
      }),
    inferenceOnly: "a training takes the batch's statistics: training-mode.test.ts",
  },
  {
    name: "conv1d, dilated groups",
    layer: conv1d({ channels: 4, kernel: 3, stride: 2, dilation: 2, groups: 2, padding: "causal" }),
    inputShape: [2, 7],
    formula: (x, parameter) => {
      const high = (flat: Grid): Grid => ({ ...flat, shape: flat.shape.toSpliced(-1, 0, 1) });
      const window = { strides: [1, 2], before: [0, 4], size: [1, 4], groups: 2 } as const;
      const kernel = high(parameter("kernel"));
      const y = convolution(high(x), kernel, parameter("bias"), { ...window, dilation: 2 });
      return { ...y, shape: [4, 4] };
    },
  },
  {
    name: "conv2d, same, groups",
    layer: conv2d({ channels: 4, kernel: [3, 2], strides: [2, 1], groups: 2 }),
    inputShape: [2, 5, 4],
    formula: (x, parameter) =>
      convolution(x, parameter("kernel"), parameter("bias"), {
        strides: [2, 1],
        before: [1, 0],
        size: [3, 4],
        groups: 2,
      }),
  },
  {
    name: "conv2d, valid, no bias",
    layer: conv2d({ channels: 3, padding: "valid", bias: false }),
    inputShape: [2, 5, 4],
    formula: (x, parameter) =>
      convolution(x, parameter("kernel"), undefined, {
        strides: [1, 1],
        before: [0, 0],
        size: [3, 2],
      }),
  },
  {
    name: "convTranspose2d",
    layer: convTranspose2d({ channels: 2 }),
    inputShape: [3, 2, 3],
    formula: (x, parameter) =>
      transposedConvolution(x, parameter("kernel"), parameter("bias"), {
        strides: [2, 2],
        before: [0, 0],
        size: [4, 6],
      }),
  },
  {
    name: "convTranspose2d, cut and padded",
    layer: convTranspose2d({
      channels: 2,
      kernel: [3, 2],
      strides: [2, 3],
      padding: [1, 0, 0, 1],
      outputPadding: [1, 2],
    }),
    inputShape: [3, 2, 3],
    formula: (x, parameter) =>
      transposedConvolution(x, parameter("kernel"), parameter("bias"), {
        strides: [2, 3],
        before: [1, 0],
        size: [5, 9],
      }),
  },
  {
    name: "convTranspose2d, no bias",
    layer: convTranspose2d({ channels: 2, bias: false }),
    inputShape: [3, 2, 3],
    formula: (x, parameter) =>
      transposedConvolution(x, parameter("kernel"), undefined, {
        strides: [2, 2],
        before: [0, 0],
        size: [4, 6],
      }),
  },
  {
    name: "dense",
    layer: dense(3),
    inputShape: [4],
    formula: (x, parameter) => product(x, parameter("kernel"), parameter("bias")),
  },
  {
    name: "dropout",
    layer: dropout(0.5),
    inputShape: [3, 4],
    formula: (x) => x,
    inferenceOnly: "a training drops: test/ops/dropout.test.ts",
  },
  {
    name: "embedding",
    layer: embedding({ vocabulary: 5, width: 3 }),
    inputShape: [4],
    tokens: 5,
    formula: (x, parameter) => grid([4, 3], (p, w) => at(parameter("table"), at(x, p), w)),
  },
  {
    name: "flatten",
    layer: flatten(),
    inputShape: [2, 3, 4],
    formula: ({ data }) => ({ shape: [24], data }),
  },
  { name: "flatten of a row", layer: flatten(), inputShape: [4], formula: (x) => x },
  {
    name: "globalAveragePool",
    layer: globalAveragePool(),
    inputShape: [3, 2, 5],
    formula: (x) =>
      grid([3], (c) => {
        const members = grid([2, 5], (i, j) => at(x, c, i, j)).data;
        return members.reduce((sum, each) => sum + each, 0) / 10;
      }),
  },
  {
    name: "groupNorm",
    layer: groupNorm({ groups: 2, epsilon: 0.25 }),
    inputShape: [4, 3],
    formula: (x, parameter) =>
      normalized(
        x,
        parameter,
        0.25,
        (c) => Math.floor(c! / 2),
        (c) => c!,
      ),
  },
  ...[true, false].map(
    (linearBeforeReset): LayerSample => ({
      name: `gru, all states, linearBeforeReset ${linearBeforeReset}`,
      layer: gruLayer({ units: [3, 2], linearBeforeReset }),
      inputShape: [4, 2],
      formula: gruFormula(linearBeforeReset),
    }),
  ),
  {
    name: "gru, last state",
    layer: gruLayer({ units: [3, 2], returnSequences: false }),
    inputShape: [4, 2],
    formula: (x, parameter, isReal) => {
      const states = gruFormula(true)(x, parameter, isReal);
      return grid([2], (u) => at(states, 3, u));
    },
  },
  {
    name: "layerNorm",
    layer: layerNorm({ epsilon: 0.25 }),
    inputShape: [3, 4],
    formula: (x, parameter) =>
      normalized(
        x,
        parameter,
        0.25,
        (p) => p!,
        (_, feature) => feature!,
      ),
  },
  {
    name: "logMel",
    layer: logMel({ ...sound, floor: 0.01 }),
    inputShape: [40],
    formula: (x) => {
      const { shape, data } = melFilters(sound);
      return logMelImage(x, { shape, data: [...data] }, 0.01, sound);
    },
    rounds: true,
  },
  {
    name: "multiHeadAttention",
    layer: multiHeadAttention({ heads: 2 }),
    inputShape: [3, 4],
    formula: (x, parameter) => attention(x, parameter, 2, () => true),
    rounds: true,
  },
  {
    name: "multiHeadAttention, causal, masked",
    layer: multiHeadAttention({ heads: 2, causal: true }),
    inputShape: [4, 4],
    mask,
    formula: (x, parameter, isReal) =>
      attention(x, parameter, 2, (from, to) => to <= from && isReal(to)),
    rounds: true,
  },
  ...(["max", "average"] as const).map(
    (kind): LayerSample => ({
      name: `pool2d ${kind}`,
      layer: pool2d(kind, 2),
      inputShape: [3, 4, 5],
      formula: (x) =>
        grid([3, 2, 2], (c, i, j) => {
          const window = grid([2, 2], (a, b) => at(x, c, 2 * i + a, 2 * j + b)).data;
          return kind === "max" ? Math.max(...window) : window.reduce((s, v) => s + v, 0) / 4;
        }),
    }),
  ),
  {
    name: "poolPositions mean",
    layer: poolPositions(),
    inputShape: [4, 3],
    formula: (x) => meanOf(x, () => true),
  },
  {
    name: "poolPositions mean, masked",
    layer: poolPositions(),
    inputShape: [4, 3],
    mask,
    formula: (x, _, isReal) => meanOf(x, isReal),
  },
  {
    name: "poolPositions last",
    layer: poolPositions("last"),
    inputShape: [4, 3],
    formula: (x) => grid([3], (f) => at(x, 3, f)),
  },
  {
    name: "positionEmbedding",
    layer: positionEmbedding(),
    inputShape: [4, 3],
    formula: (x, parameter) => plus(x, parameter("table")),
  },
  {
    name: "positionwiseDense",
    layer: positionwiseDense(2),
    inputShape: [4, 3],
    formula: (x, parameter) => product(x, parameter("kernel"), parameter("bias")),
  },
  {
    name: "residual",
    layer: residual(
      [
        ["first", dense(3)],
        ["tanh", activation("tanh")],
        ["second", dense(2)],
      ],
      { shortcut: dense(2) },
    ),
    inputShape: [4],
    formula: (x, parameter) => {
      const by = (rows: Grid, name: string): Grid =>
        product(rows, parameter(`${name}/kernel`), parameter(`${name}/bias`));
      return plus(by(map(by(x, "first"), Math.tanh), "second"), by(x, "shortcut"));
    },
  },
  {
    name: "residual around itself",
    layer: residual([["tanh", activation("tanh")]]),
    inputShape: [3, 4],
    formula: (x) => plus(x, map(x, Math.tanh)),
  },
  {
    name: "sequence",
    layer: sequence([
      ["first", dense(3)],
      ["inner", sequence([["second", dense(2)]])],
    ]),
    inputShape: [4],
    formula: (x, parameter) => {
      const first = product(x, parameter("first/kernel"), parameter("first/bias"));
      return product(first, parameter("inner/second/kernel"), parameter("inner/second/bias"));
    },
  },
  ...[[4, 3], [1, 4, 3], [4]].map(
    (inputShape): LayerSample => ({
      name: `asSequence of [${inputShape}]`,
      layer: asSequence(),
      inputShape,
      formula: ({ data }) => ({ shape: inputShape.length === 1 ? [4, 1] : [4, 3], data }),
    }),
  ),
  {
    name: "swapAxes",
    layer: swapAxes(),
    inputShape: [4, 3],
    formula: (x) => grid([3, 4], (i, j) => at(x, j, i)),
  },
  ...[
    [[12], [2, 3, 2]],
    [[3, 4], [12]],
    [
      [3, 4],
      [2, 6],
    ],
    [[12], [12]],
  ].map(
    ([inputShape, shape]): LayerSample => ({
      name: `unflatten [${inputShape}] to [${shape}]`,
      layer: unflatten(shape!),
      inputShape: inputShape!,
      formula: ({ data }) => ({ shape: shape!, data }),
    }),
  ),
];
