import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Dataset } from "../../src/data/index.ts";
import { exportC, exportOnnxInt8, exportTflite } from "../../src/device/export/index.ts";
import {
  calibrationMethods,
  observedValues,
  planLayers,
  type QuantizedGraph,
  type QuantizeOptions,
  quantizeGraph,
  quantizePlan,
  runQuantized,
} from "../../src/device/quantize/index.ts";
import {
  type Model,
  networkOf,
  quantizeAfterLogMel,
  type SoundModel,
} from "../../src/distill/index.ts";
import {
  constant,
  type Graph,
  input,
  type Value,
  withOrigin,
} from "../../src/engine/graph/index.ts";
import { initialParameters } from "../../src/engine/nn/index.ts";
import {
  add,
  cast,
  concat,
  conv2d,
  gemm,
  gruSequence,
  logSoftmax,
  matMul,
  mul,
  reshape,
  slice,
  transpose,
} from "../../src/engine/ops/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { elementCount, float32, type Shape } from "../../src/engine/tensor/index.ts";
import { inferenceGraph } from "../../src/engine/train/index.ts";
import {
  builder,
  drawer,
  graphOf,
  networks,
  randomSamples,
} from "../support/quantized-networks.ts";

const features = input("samples", "float32", [1, 6]);
const image = input("samples", "float32", [1, 4, 5, 5]);
const { dense, conv } = builder(1);
const draw = drawer(2);

const message = (graph: Graph): string => {
  try {
    planLayers(graph);
    return "accepted";
  } catch (error) {
    return error instanceof Error
      ? `${error.name} ${error.message.replace(/Supported: .*/, "…")}`
      : "?";
  }
};

/** every activation in [−1, 1] */
function planned(graph: Graph, options: QuantizeOptions = {}): QuantizedGraph {
  const plan = planLayers(graph);
  const ranges = new Map(observedValues(plan).map((value) => [value, { min: -1, max: 1 }]));
  return quantizePlan(plan, ranges, options);
}

const of = (samples: Value, output: Value): string => message(graphOf("net", samples, output));

describe("what has no int8 form is refused by name, with the alternatives", () => {
  test("operators", () => {
    expect(of(features, logSoftmax(dense(features, 3)))).toMatchInlineSnapshot(
      `"QuantizeError layer1 (logSoftmax): logSoftmax has no int8 form: use softmax, or leave the logits as they are, got a result of [1, 3]. …"`,
    );
    expect(of(image, transpose(conv(image, 3)))).toMatchInlineSnapshot(
      `"QuantizeError layer2 (transpose): a transpose must swap the axes of a sequence, [0, 2, 1], got [3, 2, 1, 0] of [1, 3, 5, 5]. Lay the samples out as the network wants them, or use strides and padding of a convolution."`,
    );
    expect(
      of(features, slice(dense(features, 3), { starts: [0], ends: [2], axes: [1] })),
    ).toMatchInlineSnapshot(
      `"QuantizeError layer3 (slice): slice must take positions of a sequence [1, positions, features], got axes [1] of [1, 3]. Use a pool or the strides of a convolution."`,
    );
  });

  test("uses of operators", () => {
    const hidden = dense(features, 6);
    expect(of(features, mul(hidden, dense(features, 6)))).toMatchInlineSnapshot(
      `"QuantizeError layer4 (mul): mul must be a function of one activation and numbers, got gemm and gemm. Combine two activations by add or concat; scale channels by batch normalisation."`,
    );
    expect(of(features, matMul(hidden, input("weights", "float32", [6, 2])))).toMatchInlineSnapshot(
      `"QuantizeError layer4 (matMul): weights must be constants, got a result of input. Build the graph with its weights baked in; for attention, a product of two activations, take a gru or tcn."`,
    );
    expect(of(image, conv2d(image, draw([4, 2, 3, 3]), { groups: 2 }))).toMatchInlineSnapshot(
      `"QuantizeError conv2d: a grouped convolution must be depthwise: as many groups as input channels, got 2 groups of [1, 4, 5, 5]. Use groups 1, or a depthwise convolution followed by one with a 1x1 kernel."`,
    );
    expect(of(image, add(conv(image, 3), draw([1, 3, 5, 5])))).toMatchInlineSnapshot(
      `"QuantizeError layer6 (add): a constant may be added as a bias of a dense layer or convolution, or be one number, got [1, 3, 5, 5]. Give the layer before it a bias."`,
    );
    expect(
      of(features, gemm(reshape(features, [6, 1]), draw([6, 2]), { transA: true })),
    ).toMatchInlineSnapshot(
      `"QuantizeError reshape: reshape must keep the batch axis, got [1, 6] to [6, 1]. Reshape each sample on its own."`,
    );
  });

  test("constants in a concat", () => {
    const { dense, conv } = builder(4);
    const two = constant(float32([1, 2], [1, 2]));
    expect(of(features, dense(concat([dense(features, 6), two], 1), 3))).toMatchInlineSnapshot(
      `"QuantizeError layer1 (concat): concat must join what layers compute, got a constant [1, 2]. Leave it out, and give the layer that reads them a bias."`,
    );
    const side = constant(float32([1, 1, 5, 5], new Array(25).fill(0)));
    expect(of(image, conv(concat([side, conv(image, 3)], 1), 3))).toMatch(
      /got a constant \[1, 1, 5, 5\]/,
    );
    const steps = input("samples", "float32", [1, 4, 6]);
    const start = constant(float32([1, 1, 6], [1, 2, 3, 4, 5, 6]));
    const beside = constant(float32([1, 4, 1], [1, 2, 3, 4]));
    const flat = (x: Value): Value => reshape(x, [1, elementCount(x.shape)]);
    for (const joined of [concat([start, steps], 1), concat([steps, beside], 2)])
      expect(of(steps, dense(flat(joined), 3))).toMatch(/must join what layers compute/);
  });

  test("graphs", () => {
    const two = input("other", "float32", [1, 6]);
    const output = { name: "logits", value: dense(features, 3) };
    expect(
      message({ name: "net", inputs: [features, two], outputs: [output] }),
    ).toMatchInlineSnapshot(
      `"QuantizeError graph "net": there must be one input: the samples, got 2 (samples, other). Bake the weights in as constants."`,
    );
    const batch = input("samples", "float32", [8, 6]);
    expect(of(batch, dense(batch, 3))).toMatchInlineSnapshot(
      `"QuantizeError graph "net": samples must be [1, features], [1, positions, features] or [1, channels, height, width], got [8, 6]. Build the graph for batch 1."`,
    );
    const empty = input("samples", "float32", [1, 0]);
    expect(of(empty, gemm(empty, constant(float32([0, 2], []))))).toMatchInlineSnapshot(
      `"QuantizeError graph "net": no axis may be empty, got [1, 0]. Give samples elements."`,
    );
    const ids = input("samples", "int32", [1, 6]);
    expect(of(ids, builder(3).dense(cast(ids, "float32"), 3))).toMatchInlineSnapshot(
      `"QuantizeError graph "net": samples must be uint8 or float32: token ids have no int8 form, got int32. Export it as float ONNX (--format onnx), or distil a gru or tcn on vectors."`,
    );
    expect(of(features, mul(features, 2))).toMatchInlineSnapshot(
      `"QuantizeError graph "net": there must be a layer between input and output, got none."`,
    );
  });
});

test("a transformer, at its token ids", () => {
  const about: Omit<Model, "weights"> = {
    spec: { family: "tinyTransformer", vocabulary: 7, width: 8, heads: 2, layers: 1 },
    sample: { dtype: "float32", shape: [6] },
    classNames: ["a", "b"],
    preprocessing: { scale: 1, offset: 0 },
  };
  const network = networkOf(about);
  const weights = initialParameters(network.parameters, 3);
  const graph = inferenceGraph({ ...about, network, batchSize: 1, weights });
  expect(message(graph)).toMatchInlineSnapshot(
    `"QuantizeError cast: cast has no int8 form: only the samples are cast, before anything else; token ids of a transformer have no int8 form: export it as float ONNX (--format onnx), or distil a gru or tcn on vectors, got a result of [1, 6]. …"`,
  );
});

describe("calibration and sums", () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await nodeRuntime({ worker: false });
  });
  afterAll(() => runtime.close());

  test("samples of another shape", async () => {
    const graph = networks.mlp!();
    const calibration = randomSamples(networks.cnn!(), 4);
    const other = randomSamples(networks["float features"]!(), 4);
    await expect(quantizeGraph(graph, { calibration, runtime })).resolves.toBeDefined();
    await expect(
      quantizeGraph(graph, { calibration: other, runtime }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[QuantizeError: calibrate: the network takes uint8 [1, 8, 8], at least one sample, got 4 of float32 [7] from random. Calibrate with data like those that it was trained on.]`,
    );
  });

  test("all samples are Infinity; a model of sound is refused before its features are computed", async () => {
    const graph = networks.mlp!();
    const calibration = randomSamples(graph, 4);
    const all = { calibration, runtime, maxSamples: Number.POSITIVE_INFINITY };
    await expect(quantizeGraph(graph, all)).resolves.toBeDefined();
    const sound = {} as SoundModel; // not looked at
    for (const wrong of [{ maxSamples: 0 }, { weightBits: 9 }])
      await expect(
        quantizeAfterLogMel(sound, { calibration, runtime, ...wrong }),
      ).rejects.toMatchObject({ code: "config/range" });
  });

  test("a percentile out of range", async () => {
    const graph = networks.mlp!();
    const calibration = randomSamples(graph, 4);
    await expect(
      quantizeGraph(graph, { calibration, runtime, method: "percentile", percentile: 20 }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: calibrate: percentile must be a finite number, above 50 and at most 100, got 20. Correct percentile.]`,
    );
  });

  test.each([
    [
      { maxSamples: 0 },
      "calibrate: maxSamples must be an integer, at least 1, got 0. Correct maxSamples.",
    ],
    [{ maxSamples: Number.NaN }, "maxSamples must be an integer, at least 1, got NaN."],
    [{ maxSamples: -3 }, "maxSamples must be an integer, at least 1, got -3."],
    [{ maxSamples: 1.5 }, "maxSamples must be an integer, at least 1, got 1.5."],
    [
      { weightBits: 9 },
      "quantize: weightBits must be an integer, at least 2 and at most 8, got 9. Correct weightBits.",
    ],
    [{ weightBits: 1 }, "weightBits must be an integer, at least 2 and at most 8, got 1."],
    [{ weightBits: 4.5 }, "weightBits must be an integer, at least 2 and at most 8, got 4.5."],
    [
      { method: "minmax" as "minMax" },
      'calibrate: unknown method "minmax". Did you mean "minMax"? Valid: minMax, percentile, mse.',
    ],
  ])("options %o, before anything is loaded", async (options, sentence) => {
    const graph = networks.mlp!();
    const load = vi.fn(runtime.load);
    const calibration = randomSamples(graph, 4);
    const own = { calibration, runtime: { ...runtime, load }, ...options };
    const error: unknown = await quantizeGraph(graph, own).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "ConfigError" });
    expect(String(error)).toContain(sentence);
    expect(load).not.toHaveBeenCalled();
  });

  test("fewer weight bits than there are where ranges are known", () => {
    const graph = graphOf("net", features, builder(4).dense(features, 3));
    expect(() => planned(graph, { weightBits: 1 })).toThrow(
      expect.objectContaining({ code: "config/range" }),
    );
  });

  const spoilt = (shape: Shape, at: number, value: number): Value => {
    const data = new Float32Array(elementCount(shape)).fill(0.1);
    data[at] = value;
    return constant(float32(shape, data));
  };

  test.each(calibrationMethods)("samples that are no numbers, by %s", async (method) => {
    const graph = networks["float features"]!();
    const sound = randomSamples(graph, 40);
    const calibration: Dataset = {
      ...sound,
      gather: async (indices, into) => {
        await sound.gather(indices, into);
        if (indices.includes(35)) into[3] = Number.NaN;
      },
    };
    await expect(quantizeGraph(graph, { calibration, runtime, method })).rejects.toThrow(
      "input: every value must be finite on the calibration samples, got NaN to NaN. Find the sample or weight that is no number, or overflows.",
    );
  });

  test.each([
    [
      "a weight",
      spoilt([6, 3], 7, Number.NaN),
      spoilt([3], 0, 1),
      "its weights",
      "NaN, 1 of 18 are not",
    ],
    [
      "a bias",
      spoilt([6, 3], 0, 1),
      spoilt([3], 2, -Infinity),
      "its bias",
      "-Infinity, 1 of 3 are not",
    ],
  ])("%s of a dense layer that is not finite", (_, kernel, c, tensor, got) => {
    const layer = withOrigin(gemm(features, kernel, { c }), "student/output");
    expect(() => planned(graphOf("net", features, layer))).toThrow(
      expect.objectContaining({
        code: "quantize/weights",
        message: `student/output: ${tensor} must be finite, got ${got}. Find what made it: a training that diverged, or a variance of batch normalisation below 0.`,
      }),
    );
  });

  test.each([
    [[Number.NaN, 0, 0], "its kernel"],
    [[0, Number.NaN, 0], "its recurrent kernel"],
    [[0, 0, Infinity], "its bias"],
  ])("weights of a recurrent unit that are not finite: %o", ([kernel, recurrent, bias], tensor) => {
    const sequence = input("samples", "float32", [1, 4, 3]);
    const weights = [
      spoilt([6, 3], 1, kernel!),
      spoilt([6, 2], 1, recurrent!),
      spoilt([12], 1, bias!),
    ] as const;
    const states = gruSequence(transpose(sequence, [1, 0, 2]), ...weights);
    expect(() => planned(graphOf("net", sequence, transpose(states, [1, 0, 2])))).toThrow(
      expect.objectContaining({
        code: "quantize/weights",
        message: expect.stringContaining(`${tensor} must be finite, got `),
      }),
    );
  });

  test("a layer whose output is far smaller than its terms", () => {
    const samples = input("samples", "float32", [1, 6]);
    const plan = planLayers(graphOf("net", samples, dense(samples, 3)));
    const [first, last] = observedValues(plan);
    const ranges = new Map([
      [first!, { min: -1, max: 1 }],
      [last!, { min: 0, max: 1e-9 }],
    ]);
    expect(() => quantizePlan(plan, ranges)).toThrowErrorMatchingInlineSnapshot(
      `[QuantizeError: layer9: sums must stay below 2^30 when brought to the output's scale, got sums up to 68663 times 2.36e+7. Calibrate with samples that exercise this layer, or give it fewer inputs or smaller weights.]`,
    );
  });
});

test.each<[string, (graph: QuantizedGraph) => unknown]>([
  ["exportC", exportC],
  ["exportTflite", exportTflite],
  ["exportOnnxInt8", exportOnnxInt8],
  ["runQuantized", (graph) => runQuantized(graph, new Int8Array(6))],
])("%s refuses a network in float", (name, call) => {
  const float = graphOf("net", features, dense(features, 3));
  expect(() => call(float as unknown as QuantizedGraph)).toThrow(
    `${name}: there must be an integer network, a QuantizedGraph, got an object with`,
  );
});

test("an unknown rounding is no rounding", () => {
  const graph = planned(graphOf("net", features, dense(features, 3)));
  expect(() => runQuantized(graph, new Int8Array(6), "tflite" as never)).toThrow(
    'runQuantized: unknown rounding "tflite". Valid: tflm, single',
  );
});
