/** @file Every code that the documentation of a layer or a family promises, shown once. */

import { expect, it } from "vitest";
import {
  activation,
  asSequence,
  batchNorm,
  buildNetwork,
  cnn,
  conv1d,
  conv2d,
  convTranspose2d,
  dense,
  dropout,
  dsCnn,
  embedding,
  flatten,
  gru,
  gruLayer,
  logMel,
  mobileNetV1,
  multiHeadAttention,
  type NetworkSpec,
  pool2d,
  poolPositions,
  positionEmbedding,
  positionwiseDense,
  residual,
  resnet8,
  sequence,
  swapAxes,
  tcn,
  tinyTransformer,
  unflatten,
} from "../../src/engine/nn/index.ts";
import { type Shape, showShape } from "../../src/engine/tensor/index.ts";
import { documentedRefusals } from "../support/documented-codes.ts";

type Refusal = readonly [name: string, build: () => unknown, code: string, message: string];

const noSequence = (where: string, shape: Shape): string =>
  `${where}: the input must be [positions, features], got ${showShape(shape)}. Give sequences; a series of single numbers is [positions, 1].`;
const noImage = (where: string, shape: Shape): string =>
  `${where}: the input must be [channels, height, width], got ${showShape(shape)}. Give images, or use an mlp for plain features.`;
const sameNames =
  'layers: layers side by side must have different names, got "a" twice. Rename one: parameters are found by it.';

/** What JavaScript may give where a word of a closed set belongs. */
const word = (text: string): never => text as never;
const sound = { frameLength: 16, hop: 5, fftSize: 16, sampleRate: 8000, mels: 2 };
const twins = [
  ["a", flatten()],
  ["a", flatten()],
] as const;

/** names start with the function's */
const layers: readonly Refusal[] = [
  [
    "batchNorm, momentum 1",
    () => batchNorm({ momentum: 1 }),
    "config/range",
    "batchNorm: momentum must be a finite number, at least 0 and below 1, got 1. Correct momentum.",
  ],
  [
    "batchNorm, epsilon 0",
    () => batchNorm({ epsilon: 0 }),
    "config/range",
    "batchNorm: epsilon must be a finite number, above 0, got 0. Correct epsilon.",
  ],
  [
    "convTranspose2d, channels 0",
    () => convTranspose2d({ channels: 0 }),
    "config/range",
    "convTranspose2d: channels must be an integer, at least 1, got 0. Correct channels.",
  ],
  [
    "convTranspose2d, row",
    () => convTranspose2d({ channels: 1 })([4]),
    "shape/rank",
    "convTranspose2d: the input must be [channels, height, width], got [4]. Give images.",
  ],
  [
    "conv1d, kernel 0",
    () => conv1d({ channels: 1, kernel: 0 }),
    "config/range",
    "conv1d: kernel must be an integer, at least 1, got 0. Correct kernel.",
  ],
  [
    "conv1d, row",
    () => conv1d({ channels: 1 })([4]),
    "shape/rank",
    "conv1d: the input must be [channels, length], got [4]. Put swapAxes() before it if the input is [positions, features].",
  ],
  [
    "conv2d, groups 0",
    () => conv2d({ channels: 1, groups: 0 }),
    "config/range",
    "conv2d: groups must be an integer, at least 1, got 0. Correct groups.",
  ],
  ["conv2d, row", () => conv2d({ channels: 1 })([4]), "shape/rank", noImage("conv2d", [4])],
  [
    "dense, units 0.5",
    () => dense(0.5),
    "config/range",
    "dense: units must be an integer, at least 1, got 0.5. Correct units.",
  ],
  [
    "dense, image",
    () => dense(2)([1, 2, 2]),
    "shape/rank",
    "dense: the input must be [features], got [1, 2, 2]. Put flatten() before it.",
  ],
  [
    "dropout, rate 1",
    () => dropout(1),
    "config/range",
    "dropout: rate must be a finite number, at least 0 and below 1, got 1. Correct rate.",
  ],
  [
    "embedding, no tokens",
    () => embedding({ vocabulary: 0, width: 4 }),
    "config/range",
    "embedding: vocabulary must be an integer, at least 1, got 0. Correct vocabulary.",
  ],
  [
    "embedding, vectors",
    () => embedding({ vocabulary: 3, width: 4 })([5, 2]),
    "shape/rank",
    "embedding: the input must be token ids [positions], got [5, 2]. Give one id per position.",
  ],
  [
    "gru, no level",
    () => gruLayer({ units: [] }),
    "config/range",
    "gru: units must name at least one level, got none. One level of 32 units: [32].",
  ],
  ["gru, row", () => gruLayer({ units: [2] })([4]), "shape/rank", noSequence("gru", [4])],
  [
    "logMel, image",
    () => logMel(sound)([1, 100]),
    "shape/rank",
    "logMel: the input must be a recording [samples], got [1, 100]. Give one channel.",
  ],
  [
    "multiHeadAttention, row",
    () => multiHeadAttention({ heads: 1 })([4]),
    "shape/rank",
    noSequence("multiHeadAttention", [4]),
  ],
  [
    "multiHeadAttention, heads that do not divide",
    () => multiHeadAttention({ heads: 3 })([2, 4]),
    "config/range",
    "multiHeadAttention: heads must divide the width 4, got 3. Choose a divisor.",
  ],
  [
    "positionEmbedding, row",
    () => positionEmbedding()([4]),
    "shape/rank",
    noSequence("positionEmbedding", [4]),
  ],
  [
    "poolPositions, max",
    () => poolPositions(word("max")),
    "config/unknown-name",
    'poolPositions: unknown kind of pooling "max". Did you mean "mean"? Valid: mean, last.',
  ],
  [
    "pool2d, avg",
    () => pool2d(word("avg"), 2),
    "config/unknown-name",
    'pool2d: unknown kind of pooling "avg". Valid: max, average.',
  ],
  [
    "activation, swish",
    () => activation(word("swish")),
    "config/unknown-name",
    'activation: unknown activation "swish". Valid: relu, relu6, leakyRelu, sigmoid, tanh, gelu, silu, hardSwish, hardSigmoid, softplus.',
  ],
  [
    "poolPositions, row",
    () => poolPositions()([4]),
    "shape/rank",
    noSequence("poolPositions", [4]),
  ],
  [
    "positionwiseDense, units 0",
    () => positionwiseDense(0),
    "config/range",
    "positionwiseDense: units must be an integer, at least 1, got 0. Correct units.",
  ],
  [
    "positionwiseDense, row",
    () => positionwiseDense(2)([4]),
    "shape/rank",
    noSequence("positionwiseDense", [4]),
  ],
  [
    "residual, another shape",
    () => residual([["dense", dense(3)]])([4]),
    "shape/mismatch",
    "residual: branch and shortcut must give the same shape, got [3] and [4]. Give a shortcut that changes channels and size as the branch does: a 1x1 convolution.",
  ],
  ["residual, one name twice", () => residual(twins)([4]), "config/duplicate-name", sameNames],
  ["sequence, one name twice", () => sequence(twins)([4]), "config/duplicate-name", sameNames],
  [
    "asSequence, image of two channels",
    () => asSequence()([2, 3, 4]),
    "shape/rank",
    noSequence("asSequence", [2, 3, 4]),
  ],
  [
    "assertSequence, as swapAxes asks it",
    () => swapAxes()([4]),
    "shape/rank",
    noSequence("swapAxes", [4]),
  ],
  [
    "unflatten, fewer elements",
    () => unflatten([5])([3, 4]),
    "shape/reshape",
    "unflatten: the new shape must hold the 12 elements of [3, 4], got [5]. Make the product of the sizes equal; none may be left open.",
  ],
  [
    "unflatten, more elements",
    () => unflatten([2, 7])([12]),
    "shape/reshape",
    "unflatten: the new shape must hold the 12 elements of [12], got [2, 7]. Make the product of the sizes equal; none may be left open.",
  ],
  [
    "unflatten, an open size",
    () => unflatten([-1, 4])([12]),
    "shape/reshape",
    "unflatten: the new shape must hold the 12 elements of [12], got [-1, 4]. Make the product of the sizes equal; none may be left open.",
  ],
  [
    "unflatten, signs",
    () => unflatten([-3, -4])([12]),
    "shape/reshape",
    "unflatten: the new shape must hold the 12 elements of [12], got [-3, -4]. Make the product of the sizes equal; none may be left open.",
  ],
  ["swapAxes, row", () => swapAxes()([4]), "shape/rank", noSequence("swapAxes", [4])],
];

const build = (spec: NetworkSpec, shape: readonly number[]): unknown =>
  buildNetwork(spec, shape, 3);

const families: readonly Refusal[] = [
  [
    "gru, pooling max",
    () => buildNetwork({ family: "gru", units: [2], pooling: word("max") }, [3, 2], 2),
    "config/unknown-name",
    'gru: unknown pooling "max". Did you mean "mean"? Valid: mean, last.',
  ],
  [
    "buildNetwork, unknown family",
    () => build({ family: "mpl" } as unknown as NetworkSpec, [4]), // what a recipe may hold
    "config/unknown-name",
    'buildNetwork: unknown family "mpl". Did you mean "mlp"? Valid: mlp, cnn, resnet8, dsCnn, mobileNetV1, gru, tcn, tinyTransformer, autoencoder.',
  ],
  [
    "buildNetwork, no units",
    () => build({ family: "mlp", hidden: [0] }, [4]),
    "config/range",
    "dense: units must be an integer, at least 1, got 0. Correct units.",
  ],
  ["cnn, row", () => cnn({ channels: [2] }, [4], 3), "shape/rank", noImage("conv2d", [4])],
  ["dsCnn, row", () => dsCnn({}, [4], 3), "shape/rank", noImage("dsCnn", [4])],
  [
    "dsCnn, half a block",
    () => dsCnn({ blocks: 0.5 }, [1, 9, 9], 3),
    "config/range",
    "dsCnn: blocks must be an integer, at least 0, got 0.5. Correct blocks.",
  ],
  [
    "dsCnn, blocks -2",
    () => dsCnn({ blocks: -2 }, [1, 9, 9], 3),
    "config/range",
    "dsCnn: blocks must be an integer, at least 0, got -2. Correct blocks.",
  ],
  [
    "dsCnn, blocks beside channels",
    () => dsCnn({ blocks: 1, channels: [2, 2] }, [1, 9, 9], 3),
    "config/conflict",
    "dsCnn: a list of channels takes the place of blocks, got both, blocks 1. Leave blocks or the list out.",
  ],
  [
    "gru, image",
    () => gru({ units: [2] }, [2, 3, 4], 3),
    "shape/rank",
    noSequence("asSequence", [2, 3, 4]),
  ],
  ["mobileNetV1, row", () => mobileNetV1({}, [4], 3), "shape/rank", noImage("mobileNetV1", [4])],
  [
    "mobileNetV1, width 0",
    () => mobileNetV1({ width: 0 }, [3, 32, 32], 3),
    "config/range",
    "mobileNetV1: width must be a finite number, above 0, got 0. Correct width.",
  ],
  [
    "mobileNetV1, width -1",
    () => mobileNetV1({ width: -1 }, [3, 32, 32], 3),
    "config/range",
    "mobileNetV1: width must be a finite number, above 0, got -1. Correct width.",
  ],
  [
    "mobileNetV1, one number of channels",
    () => mobileNetV1({ channels: [8] }, [3, 32, 32], 3),
    "config/range",
    "mobileNetV1: channels must be 14 numbers, got 1: 8. Give a number for each.",
  ],
  [
    "mobileNetV1, width beside channels",
    () => mobileNetV1({ width: 1, channels: [8] }, [3, 32, 32], 3),
    "config/conflict",
    "mobileNetV1: a list of channels takes the place of width, got both, width 1. Leave width or the list out.",
  ],
  ["resnet8, row", () => resnet8({}, [4], 3), "shape/rank", noImage("resnet8", [4])],
  [
    "assertImage, as resnet8 asks it",
    () => resnet8({}, [4], 3),
    "shape/rank",
    noImage("resnet8", [4]),
  ],
  [
    "assertOneOf, as resnet8 asks it",
    () => resnet8({ width: 4, channels: [4, 4, 8, 8, 16, 16] }, [3, 8, 8], 3),
    "config/conflict",
    "resnet8: a list of channels takes the place of width, got both, width 4. Leave width or the list out.",
  ],
  [
    "assertOneOf, too few",
    () => resnet8({ channels: [4] }, [3, 8, 8], 3),
    "config/range",
    "resnet8: channels must be 6 numbers, got 1: 4. Give a number for each.",
  ],
  [
    "tcn, image",
    () => tcn({ channels: [2] }, [2, 3, 4], 3),
    "shape/rank",
    noSequence("asSequence", [2, 3, 4]),
  ],
  [
    "tcn, no block",
    () => tcn({ channels: [] }, [4, 2], 3),
    "config/range",
    "tcn: channels must name at least one block, got none. Two blocks of 32 channels: [32, 32].",
  ],
  [
    "tinyTransformer, vectors",
    () => tinyTransformer({ vocabulary: 3 }, [4, 2], 3),
    "shape/rank",
    "tinyTransformer: the input must be token ids [positions], got [4, 2]. Give one id per position.",
  ],
  [
    "tinyTransformer, layers 0",
    () => tinyTransformer({ vocabulary: 3, layers: 0 }, [4], 3),
    "config/range",
    "tinyTransformer: layers must be an integer, at least 1, got 0. Correct layers.",
  ],
  [
    "tinyTransformer, heads that do not divide",
    () => tinyTransformer({ vocabulary: 3, width: 6, heads: 4 }, [4], 3),
    "config/range",
    "multiHeadAttention: heads must divide the width 6, got 4. Choose a divisor.",
  ],
];

it.each([...layers, ...families])("%s", (_, refused, code, message) => {
  expect(refused).toThrow(expect.objectContaining({ code, message }));
});

it.each([
  ["layers", layers, 20],
  ["families", families, 12],
] as const)(
  "every code that the documentation of %s promises is among these",
  (folder, shown, least) => {
    const promises = documentedRefusals(`nn/${folder}/`);
    expect(promises.length).toBeGreaterThan(least);
    const held = new Set(shown.map(([name, , code]) => `${name.split(",")[0]} ${code}`));
    expect(promises.filter((each) => !held.has(each))).toEqual([]);
  },
);
