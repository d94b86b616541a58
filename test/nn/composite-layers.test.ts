/** @file Layers of layers, and layers that only sequences need. */

import { describe, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { constant, input, topologicalOrder, type Value } from "../../src/engine/graph/index.ts";
import {
  activation,
  buildNetwork,
  conv2d,
  convTranspose2d,
  dense,
  dropout,
  embedding,
  type ForwardContext,
  flatten,
  groupNorm,
  gruLayer,
  initialParameters,
  type LayerBuilder,
  logMel,
  multiHeadAttention,
  type Network,
  residual,
  sequence,
  sequential,
  summarize,
} from "../../src/engine/nn/index.ts";
import { mul, reduceSum } from "../../src/engine/ops/index.ts";
import { float32, type Shape } from "../../src/engine/tensor/index.ts";
import { evaluateValues, referenceTensor } from "../reference/evaluate.ts";

const seed = input("seed", "uint32", []);

function contextOf(network: Network, more: Partial<ForwardContext> = {}): ForwardContext {
  const weights = initialParameters(network.parameters, 1);
  return {
    training: false,
    parameter: (name) => constant(weights.get(name)!, name),
    seed: () => seed,
    updateStatistic: () => undefined,
    ...more,
  };
}

function single(builder: LayerBuilder, inputShape: Shape): Network {
  return sequential("test", inputShape, [["layer", builder]]);
}

function evaluate(value: Value, samples: Value, data: readonly number[]): readonly number[] {
  const fed = new Map([[samples, referenceTensor(float32(samples.shape, data))]]);
  return [...evaluateValues([value], fed)[0]!.data];
}

describe("residual", () => {
  const network = single(
    residual(
      [
        ["first", dense(3)],
        ["activation", activation("relu")],
        ["second", dense(2)],
      ],
      { shortcut: dense(2) },
    ),
    [4],
  );

  it("keeps the paths of its parameters and sums their costs", () => {
    expect(network.parameters.map(({ name, shape }) => [name, ...shape])).toEqual([
      ["layer/first/kernel", 4, 3],
      ["layer/first/bias", 3],
      ["layer/second/kernel", 3, 2],
      ["layer/second/bias", 2],
      ["layer/shortcut/kernel", 4, 2],
      ["layer/shortcut/bias", 2],
    ]);
    expect(summarize(network).layers).toEqual([
      { name: "layer", kind: "residual", outputShape: "[2]", parameters: 33, macs: 26 },
    ]);
  });

  it("adds the input itself without a shortcut", () => {
    const plain = single(residual([["activation", activation("relu")]]), [3]);
    const x = input("x", "float32", [1, 3]);
    const y = plain.forward(x, contextOf(plain));
    expect(evaluate(y, x, [-1, 0.5, 2])).toEqual([-1, 1, 4]);
  });

  it("refuses a branch that changes the shape", () => {
    expect(() =>
      single(residual([["conv", conv2d({ channels: 8, strides: [2, 2] })]]), [4, 6, 6]),
    ).toThrow(
      "residual: branch and shortcut must give the same shape, got [8, 3, 3] and [4, 6, 6]. Give a shortcut that changes channels and size as the branch does: a 1x1 convolution.",
    );
  });
});

describe("names and origins", () => {
  it("a value made inside a block carries its whole path, the block's result the block's", () => {
    const inner = sequence([
      ["dense", dense(2)],
      ["activation", activation("relu")],
    ]);
    const network = single(sequence([["inner", inner]]), [3]);
    const y = network.forward(input("x", "float32", [1, 3]), contextOf(network));
    expect(y.inputs[0]!.origin).toBe("layer/inner/dense");
    expect(y.origin).toBe("layer");
  });

  it("refuses two layers of one name side by side, and a branch layer named like the shortcut", () => {
    const twins = [
      ["a", flatten()],
      ["a", flatten()],
    ] as const;
    const message =
      'layers: layers side by side must have different names, got "a" twice. Rename one: parameters are found by it.';
    expect(() => sequential("test", [3], twins)).toThrow(message);
    expect(() => single(sequence(twins), [3])).toThrow(message);
    expect(() => single(residual([["shortcut", flatten()]]), [3])).toThrow('"shortcut" twice');
  });
});

describe("random streams", () => {
  it("no two dropouts of a network share one, however deep", () => {
    const drops = (): LayerBuilder =>
      sequence([
        ["a", dropout(0.5)],
        ["b", residual([["c", dropout(0.5)]], { shortcut: dropout(0.5) })],
      ]);
    const network = sequential(
      "test",
      [8],
      [
        ["first", dropout(0.5)],
        ["second", drops()],
        ["third", sequence([["deep", drops()]])],
      ],
    );
    const y = network.forward(
      input("x", "float32", [1, 8]),
      contextOf(network, { training: true }),
    );
    const streams = topologicalOrder([y]).flatMap(({ op, attrs }) =>
      op === "hashUniform" ? [attrs.stream] : [],
    );
    expect(streams.length).toBe(7);
    expect(new Set(streams).size).toBe(7);
  });

  it("gru drops the same units of a level at every position, in training only", () => {
    const network = single(gruLayer({ units: [3, 2], dropout: 0.5 }), [4, 2]);
    const masks = (training: boolean) => {
      const y = network.forward(input("x", "float32", [1, 4, 2]), contextOf(network, { training }));
      return topologicalOrder([y]).filter(({ op }) => op === "hashUniform");
    };
    expect(masks(false)).toEqual([]);
    expect(new Set(masks(true).map(({ attrs }) => attrs.stream)).size).toBe(1);
  });
});

describe("gru", () => {
  it.each([true, false])("is the same at once and unrolled, all states %s", (returnSequences) => {
    const network = single(gruLayer({ units: [3, 2], returnSequences }), [4, 2]);
    const forward = (batch: number, training: boolean) => {
      const x = input("x", "float32", [batch, 4, 2]);
      const y = network.forward(x, contextOf(network, { training }));
      const data = Array.from({ length: 8 * batch }, (_, i) => Math.sin(i));
      const operators = new Set(topologicalOrder([y]).map(({ op }) => op));
      return { isAtOnce: operators.has("gruSequence"), values: evaluate(y, x, data) };
    };
    const [small, large, training] = [forward(31, false), forward(32, false), forward(31, true)];
    expect([small, large, training].map(({ isAtOnce }) => isAtOnce)).toEqual([true, false, false]);
    for (const [i, value] of small.values.entries()) {
      expect(value).toBeCloseTo(training.values[i]!, 12);
      expect(value).toBeCloseTo(large.values[i]!, 12);
    }
  });
});

describe("padding", () => {
  const spec = { family: "tinyTransformer", vocabulary: 9, width: 8, heads: 2, layers: 2 } as const;
  const logits = (network: Network, tokens: readonly number[]): readonly number[] => {
    const x = input("x", "float32", [1, 6]);
    return evaluate(network.forward(x, contextOf(network)), x, tokens);
  };

  it("does not matter to a transformer that knows its id, whatever stands there for others", () => {
    const network = buildNetwork({ ...spec, padding: 0 }, [6], 3);
    const short = logits(network, [3, 1, 4, 1, 0, 0]);
    expect(logits(network, [3, 1, 4, 1, 5, 2])).not.toEqual(short);
    // the same tokens in a network of four positions: same parameters but for the last positions
    const cut = buildNetwork({ ...spec, padding: 0 }, [4], 3);
    const table = initialParameters(network.parameters, 1).get("positions/table")!;
    const x = input("x", "float32", [1, 4]);
    const own = contextOf(cut);
    const y = cut.forward(x, {
      ...own,
      parameter: (name) =>
        name === "positions/table"
          ? constant(float32([4, 8], table.data.subarray(0, 32)))
          : own.parameter(name),
    });
    const expected = evaluate(y, x, [3, 1, 4, 1]);
    for (const [i, value] of short.entries()) expect(value).toBeCloseTo(expected[i]!, 12);
  });

  it("matters where no id is named", () => {
    const network = buildNetwork(spec, [6], 3);
    expect(logits(network, [3, 1, 4, 1, 0, 0])).not.toEqual(logits(network, [3, 1, 4, 1, 0, 2]));
  });
});

describe("single layers", () => {
  it("causal attention does not look ahead", () => {
    const network = single(multiHeadAttention({ heads: 2, causal: true }), [3, 4]);
    const x = input("x", "float32", [1, 3, 4]);
    const y = network.forward(x, contextOf(network));
    const numbers = Array.from({ length: 12 }, (_, i) => Math.sin(i));
    const before = evaluate(y, x, numbers);
    const after = evaluate(y, x, [...numbers.slice(0, 8), 5, 5, 5, 5]);
    expect(after.slice(0, 8)).toEqual(before.slice(0, 8));
    expect(after.slice(8)).not.toEqual(before.slice(8));
  });

  it("embedding gives a token's row, and the gradient goes to the rows in use", () => {
    const network = single(embedding({ vocabulary: 4, width: 2 }), [3]);
    const table = input("table", "float32", [4, 2]);
    const x = input("x", "float32", [1, 3]);
    const y = network.forward(x, contextOf(network, { parameter: () => table }));
    const [gradient] = gradients(reduceSum(mul(y, y)), [table]);
    const rows = float32([4, 2], [0, 1, 2, 3, 4, 5, 6, 7]);
    const fed = new Map([
      [table, referenceTensor(rows)],
      [x, referenceTensor(float32([1, 3], [2, 0, 2]))],
    ]);
    const [value, toTable] = evaluateValues([y, gradient!], fed);
    expect([...value!.data]).toEqual([4, 5, 0, 1, 4, 5]);
    expect([...toTable!.data]).toEqual([0, 2, 0, 0, 16, 20, 0, 0]);
  });

  it("convTranspose2d doubles an image by default", () => {
    const { layers, parameters } = summarize(single(convTranspose2d({ channels: 5 }), [3, 4, 6]));
    expect(layers[0]).toMatchObject({ outputShape: "[5, 8, 12]", macs: 4 * 6 * 3 * 5 * 4 });
    expect(parameters).toBe(3 * 5 * 4 + 5);
  });

  it("groupNorm starts as normalisation alone: each group has mean 0 and variance 1", () => {
    const network = single(groupNorm({ groups: 2, epsilon: 1e-12 }), [4, 3]);
    const x = input("x", "float32", [1, 4, 3]);
    const y = evaluate(
      network.forward(x, contextOf(network)),
      x,
      Array.from({ length: 12 }, (_, i) => i * i),
    );
    for (const group of [y.slice(0, 6), y.slice(6)]) {
      expect(group.reduce((sum, v) => sum + v, 0)).toBeCloseTo(0, 10);
      expect(group.reduce((sum, v) => sum + v * v, 0) / 6).toBeCloseTo(1, 10);
    }
  });

  it("logMel turns a second of sound into the image that dsCnn takes", () => {
    const front = logMel({
      sampleRate: 16_000,
      frameLength: 480,
      hop: 320,
      fftSize: 512,
      mels: 10,
    });
    const network = single(front, [16_000]);
    expect(network.outputShape).toEqual([1, 49, 10]);
    expect(network.parameters).toEqual([]);
    expect(() => single(front, [1, 16_000])).toThrow(
      "logMel: the input must be a recording [samples], got [1, 16000]. Give one channel.",
    );
  });
});
