/** @file The families mlp and cnn: layer tables by hand, forward shapes, what they refuse. */

import { describe, expect, it } from "vitest";
import { input } from "../../src/engine/graph/index.ts";
import {
  activation as activationLayer,
  activationNames,
  buildNetwork,
  families,
  type LayerContext,
  type NetworkSpec,
  summarize,
} from "../../src/engine/nn/index.ts";
import { isDistillError } from "../../src/errors/index.ts";
import { evaluateValues } from "../reference/evaluate.ts";

/** Rows as [layer, kind, output shape, parameters, multiply-accumulates]. */
function table(spec: NetworkSpec, inputShape: readonly number[], classes: number) {
  const { layers, ...totals } = summarize(buildNetwork(spec, inputShape, classes));
  const rows = layers.map(({ name, kind, outputShape, parameters, macs }) => [
    name,
    kind,
    outputShape,
    parameters,
    macs,
  ]);
  return { rows, totals };
}

describe("mlp", () => {
  it("has the layers, parameters and operations that one counts by hand", () => {
    expect(table({ family: "mlp", hidden: [30, 20] }, [1, 28, 28], 10)).toEqual({
      rows: [
        ["flatten", "flatten", "[784]", 0, 0],
        ["hidden1", "dense", "[30]", 784 * 30 + 30, 784 * 30],
        ["activation1", "relu", "[30]", 0, 0],
        ["hidden2", "dense", "[20]", 30 * 20 + 20, 30 * 20],
        ["activation2", "relu", "[20]", 0, 0],
        ["output", "dense", "[10]", 20 * 10 + 10, 20 * 10],
      ],
      totals: { name: "mlp 784-30-20-10", parameters: 24_380, macs: 24_320 },
    });
  });

  it("has the published sizes of teacher and student on MNIST", () => {
    const size = (units: number) =>
      table({ family: "mlp", hidden: [units, units] }, [784], 10).totals.parameters;
    expect(size(1200)).toBe(2_395_210); // 2.40 M
    expect(size(800)).toBe(1_276_810); // 1.28 M
  });

  it("puts dropout on the inputs and after each hidden layer, and takes other activations", () => {
    const spec = { family: "mlp", hidden: [4], inputDropout: 0.2, dropout: 0.5 } as const;
    const names = table({ ...spec, activation: "tanh" }, [6], 3).rows.map(([name, kind]) => [
      name,
      kind,
    ]);
    expect(names).toEqual([
      ["flatten", "flatten"],
      ["inputDropout", "dropout"],
      ["hidden1", "dense"],
      ["activation1", "tanh"],
      ["dropout1", "dropout"],
      ["output", "dense"],
    ]);
  });

  it("without hidden layers is a linear classifier", () => {
    expect(table({ family: "mlp", hidden: [] }, [5], 2).totals).toEqual({
      name: "mlp 5-2",
      parameters: 12,
      macs: 10,
    });
  });
});

describe("cnn", () => {
  // Max pooling comes before the activation: the same function, because activations are monotonic.

  it("has the layers, parameters and operations that one counts by hand", () => {
    const spec = { family: "cnn", channels: [8, 16], hidden: [32], dropout: 0.5 } as const;
    expect(table(spec, [1, 28, 28], 10)).toEqual({
      rows: [
        ["conv1", "conv2d", "[8, 28, 28]", 8 * 9 + 8, 8 * 28 * 28 * 9],
        ["pool1", "max pool", "[8, 14, 14]", 0, 0],
        ["activation1", "relu", "[8, 14, 14]", 0, 0],
        ["conv2", "conv2d", "[16, 14, 14]", 16 * 8 * 9 + 16, 16 * 14 * 14 * 8 * 9],
        ["pool2", "max pool", "[16, 7, 7]", 0, 0],
        ["activation2", "relu", "[16, 7, 7]", 0, 0],
        ["flatten", "flatten", "[784]", 0, 0],
        ["dropout1", "dropout", "[784]", 0, 0],
        ["hidden1", "dense", "[32]", 784 * 32 + 32, 784 * 32],
        ["hiddenActivation1", "relu", "[32]", 0, 0],
        ["outputDropout", "dropout", "[32]", 0, 0],
        ["output", "dense", "[10]", 330, 320],
      ],
      totals: {
        name: "cnn 8-16-32-10",
        parameters: 80 + 1168 + 25_120 + 330,
        macs: 56_448 + 225_792 + 25_088 + 320,
      },
    });
  });

  it.each(activationNames)("pools before %s only if that is the same function", (activation) => {
    const spec = { family: "cnn", channels: [2], activation } as const;
    const names = table(spec, [1, 4, 4], 2).rows.map(([name]) => name);
    const x = input("x", "float32", [121]);
    const y = activationLayer(activation)([121]).apply(x, {} as LayerContext); // looks at x alone
    const data = Float64Array.from({ length: 121 }, (_, i) => (i - 60) / 10);
    const [values] = evaluateValues([y], new Map([[x, { shape: [121], data }]]));
    const rises = values!.data.every((value, i) => i === 0 || value >= values!.data[i - 1]!);
    expect(names.indexOf("pool1") < names.indexOf("activation1")).toBe(rises);
  });

  it("with batch norm has no convolution bias, and counts no statistics as parameters", () => {
    const spec = { family: "cnn", channels: [4], kernel: 5, batchNorm: true } as const;
    const { rows } = table({ ...spec, pooling: "average", globalPooling: true }, [3, 9, 9], 2);
    expect(rows).toEqual([
      ["conv1", "conv2d", "[4, 9, 9]", 4 * 3 * 25, 4 * 81 * 3 * 25],
      ["norm1", "batch norm", "[4, 9, 9]", 8, 0],
      ["activation1", "relu", "[4, 9, 9]", 0, 0],
      ["pool1", "average pool", "[4, 4, 4]", 0, 0],
      ["flatten", "global average pool", "[4]", 0, 0],
      ["output", "dense", "[2]", 10, 8],
    ]);
  });
});

it.each([
  [{ family: "mlp", hidden: [8] }, [4]],
  [{ family: "mlp", hidden: [8], dropout: 0.5 }, [2, 3, 4]],
  [{ family: "cnn", channels: [3, 5] }, [2, 11, 6]],
  [{ family: "cnn", channels: [3], batchNorm: true, globalPooling: true }, [1, 4, 4]],
] as const)("%j on %j gives logits of each sample, in training and after", (spec, shape) => {
  const network = buildNetwork(spec, shape, 7);
  const parameters = new Map(
    network.parameters.map(({ name, shape: size }) => [name, input(name, "float32", size)]),
  );
  for (const training of [true, false]) {
    const statistics = new Set<string>();
    const logits = network.forward(input("x", "float32", [5, ...shape]), {
      training,
      parameter: (name) => parameters.get(name)!,
      seed: () => input("seed", "uint32", []),
      updateStatistic: (name) => void statistics.add(name),
    });
    expect(logits.shape).toEqual([5, 7]);
    expect(logits.origin).toBe("output");
    const moved = network.parameters.filter(({ role }) => role === "statistic");
    expect([...statistics].sort()).toEqual(training ? moved.map(({ name }) => name).sort() : []);
  }
});

describe("families refuse", () => {
  const image = [1, 8, 8];
  it.each([
    [
      "an input that is no image",
      { family: "cnn", channels: [2] },
      [10],
      3,
      "shape/rank",
      "conv2d: the input must be [channels, height, width], got [10]. Give images, or use an mlp for plain features.",
    ],
    [
      "no units",
      { family: "mlp", hidden: [0] },
      [4],
      3,
      "config/range",
      "dense: units must be an integer, at least 1, got 0. Correct units.",
    ],
    [
      "half a unit",
      { family: "mlp", hidden: [2.5] },
      [4],
      3,
      "config/range",
      "dense: units must be an integer, at least 1, got 2.5. Correct units.",
    ],
    [
      "no classes",
      { family: "mlp", hidden: [2] },
      [4],
      0,
      "config/range",
      "dense: units must be an integer, at least 1, got 0. Correct units.",
    ],
    [
      "a dropout rate above 1",
      { family: "mlp", hidden: [2], dropout: 1.5 },
      [4],
      3,
      "config/range",
      "dropout: rate must be a finite number, at least 0 and below 1, got 1.5. Correct rate.",
    ],
    [
      "a negative dropout rate",
      { family: "cnn", channels: [2], dropout: -0.1 },
      image,
      3,
      "config/range",
      "dropout: rate must be a finite number, at least 0 and below 1, got -0.1. Correct rate.",
    ],
    [
      "no channels",
      { family: "cnn", channels: [0] },
      image,
      3,
      "config/range",
      "conv2d: channels must be an integer, at least 1, got 0. Correct channels.",
    ],
    [
      "more blocks than the image can be halved",
      { family: "cnn", channels: [2, 2] },
      [1, 2, 2],
      3,
      "shape/window",
      "maxPool: the window must fit into the padded input; it reaches over [2, 2], got a padded input of [1, 1]. Pad more, or take a smaller kernel or dilation.",
    ],
  ] as const)("%s", (_, spec, shape, classes, code, message) => {
    let error: unknown;
    try {
      buildNetwork(spec, shape, classes);
    } catch (thrown) {
      error = thrown;
    }
    expect(isDistillError(error) && { code: error.code, message: error.message }).toEqual({
      code,
      message,
    });
  });

  it("a family that does not exist", () => {
    const spec = { family: "mpl", hidden: [] } as unknown as NetworkSpec; // what a recipe may hold
    expect(() => buildNetwork(spec, [4], 2)).toThrow(
      expect.objectContaining({
        code: "config/unknown-name",
        message: expect.stringContaining('unknown family "mpl". Did you mean "mlp"?'),
      }),
    );
    expect(families).toContain("mlp");
  });
});
