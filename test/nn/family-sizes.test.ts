/**
 * @file Parameters and multiply-accumulates of the families: MLPerf Tiny's published sizes,
 * PyTorch's counts, and sums by hand.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  buildNetwork,
  isTrainable,
  type NetworkSpec,
  summarize,
} from "../../src/engine/nn/index.ts";
import { elementCount, type Shape } from "../../src/engine/tensor/index.ts";

interface Size {
  /** as Keras counts: biases everywhere, running statistics included */
  readonly all: number;
  readonly statistics: number;
  /** biases that a normalisation right after them cancels */
  readonly cancelledBiases: number;
}

const { sizes } = JSON.parse(
  readFileSync(new URL("../golden/families.json", import.meta.url), "utf8"),
) as { sizes: Record<string, Size> }; // written by scripts/golden/families.py

function countsOf(spec: NetworkSpec, inputShape: Shape, classes: number) {
  const network = buildNetwork(spec, inputShape, classes);
  const statistics = network.parameters
    .filter((parameter) => !isTrainable(parameter))
    .reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const { parameters, macs, layers } = summarize(network);
  return { parameters, macs, statistics, layers, outputShape: network.outputShape };
}

describe("MLPerf Tiny", () => {
  // published parameters (Banbury et al. 2021 and the reference models), and multiply-accumulates
  it.each([
    ["resnet8", [3, 32, 32], 10, 78_666, 12_501_632],
    ["dsCnn", [1, 49, 10], 12, 24_908, 2_656_768],
    ["mobileNetV1", [3, 96, 96], 2, 221_794, 7_489_664],
    ["autoencoder", [640], 2, 269_992, 264_192],
  ] as const)("%s of %j", (family, inputShape, classes, published, macs) => {
    const counts = countsOf({ family }, inputShape, classes);
    const { all, statistics, cancelledBiases } = sizes[family]!;
    expect(all).toBe(published);
    expect(counts.statistics).toBe(statistics);
    expect(counts.parameters).toBe(published - statistics - cancelledBiases);
    expect(counts.macs).toBe(macs);
  });

  it("resnet8 layer by layer", () => {
    const { layers } = countsOf({ family: "resnet8" }, [3, 32, 32], 10);
    const rows = layers
      .filter(({ parameters }) => parameters > 0)
      .map(({ name, outputShape, parameters, macs }) => [name, outputShape, parameters, macs]);
    const conv = (i: number, o: number, k: number): number => i * o * k * k;
    expect(rows).toEqual([
      ["conv", "[16, 32, 32]", conv(3, 16, 3), conv(3, 16, 3) * 1024],
      ["norm", "[16, 32, 32]", 32, 0],
      ["block1", "[16, 32, 32]", 2 * conv(16, 16, 3) + 64, 2 * conv(16, 16, 3) * 1024],
      [
        "block2",
        "[32, 16, 16]",
        conv(16, 32, 3) + conv(32, 32, 3) + conv(16, 32, 1) + 32 + 128,
        (conv(16, 32, 3) + conv(32, 32, 3) + conv(16, 32, 1)) * 256,
      ],
      [
        "block3",
        "[64, 8, 8]",
        conv(32, 64, 3) + conv(64, 64, 3) + conv(32, 64, 1) + 64 + 256,
        (conv(32, 64, 3) + conv(64, 64, 3) + conv(32, 64, 1)) * 64,
      ],
      ["output", "[10]", 650, 640],
    ]);
  });

  it("dsCnn layer by layer", () => {
    const { layers } = countsOf({ family: "dsCnn" }, [1, 49, 10], 12);
    const rows = layers
      .filter(({ parameters }) => parameters > 0)
      .map(({ name, outputShape, parameters, macs }) => [name, outputShape, parameters, macs]);
    const block = ["[64, 25, 5]", 64 * 9 + 64 * 64 + 2 * 128, 125 * (64 * 9 + 64 * 64)];
    expect(rows).toEqual([
      ["conv", "[64, 25, 5]", 40 * 64, 125 * 40 * 64],
      ["norm", "[64, 25, 5]", 128, 0],
      ...[1, 2, 3, 4].map((i) => [`block${i}`, ...block]),
      ["output", "[12]", 64 * 12 + 12, 64 * 12],
    ]);
  });
});

describe("sequences", () => {
  it("gru: PyTorch's parameters without the biases that are the same as others", () => {
    const counts = countsOf({ family: "gru", units: [128, 128] }, [49, 40], 12);
    expect(counts.parameters).toBe(sizes.gru!.all - 2 * 2 * 128);
    expect(counts.macs).toBe(49 * 3 * (40 + 128 + 128 + 128) * 128 + 128 * 12);
  });

  it("tcn, by hand", () => {
    const counts = countsOf({ family: "tcn", channels: [32, 64] }, [49, 40], 12);
    const block1 = 40 * 32 * 3 + 32 * 32 * 3 + 40 * 32;
    const block2 = 32 * 64 * 3 + 64 * 64 * 3 + 32 * 64;
    const norms = 2 * 2 * 32 + 2 * 2 * 64;
    expect(counts.parameters).toBe(block1 + 32 + block2 + 64 + norms + 64 * 12 + 12);
    expect(counts.macs).toBe(49 * (block1 + block2) + 64 * 12);
    expect(counts.statistics).toBe(norms);
  });

  it("tinyTransformer, by hand", () => {
    const counts = countsOf({ family: "tinyTransformer", vocabulary: 1000 }, [64], 4);
    const [w, t, f] = [128, 64, 512];
    const layer = 4 * (w * w + w) + 2 * w * f + f + w + 2 * 2 * w;
    expect(counts.parameters).toBe(1000 * w + t * w + 2 * layer + 2 * w + w * 4 + 4);
    expect(counts.macs).toBe(2 * (t * 4 * w * w + 2 * t * t * w + t * 2 * w * f) + w * 4);
  });
});

it("an autoencoder's output has the shape of its input, whatever the classes", () => {
  expect(countsOf({ family: "autoencoder", hidden: [8] }, [1, 4, 5], 3).outputShape).toEqual([
    1, 4, 5,
  ]);
});

it.each<[NetworkSpec, Shape, string]>([
  [
    { family: "resnet8" },
    [784],
    "resnet8: the input must be [channels, height, width], got [784]. Give images, or use an mlp for plain features.",
  ],
  [
    { family: "gru", units: [4] },
    [3, 8, 8],
    "asSequence: the input must be [positions, features], got [3, 8, 8]. Give sequences; a series of single numbers is [positions, 1].",
  ],
  [
    { family: "gru", units: [] },
    [8, 8],
    "gru: units must name at least one level, got none. One level of 32 units: [32].",
  ],
  [
    { family: "tinyTransformer", vocabulary: 10 },
    [8, 8],
    "tinyTransformer: the input must be token ids [positions], got [8, 8]. Give one id per position.",
  ],
  [
    { family: "tinyTransformer", vocabulary: 10, width: 10, heads: 3 },
    [8],
    "multiHeadAttention: heads must divide the width 10, got 3. Choose a divisor.",
  ],
])("%j refuses %j", (spec, inputShape, message) => {
  expect(() => buildNetwork(spec, inputShape, 2)).toThrow(expect.objectContaining({ message }));
});
