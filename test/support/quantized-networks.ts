/**
 * @file Small float graphs of every kind that int8 targets take, with weights drawn from a seed.
 */

import { arrayDataset, type Dataset } from "../../src/data/index.ts";
import {
  constant,
  type Graph,
  input,
  type Value,
  withOrigin,
} from "../../src/engine/graph/index.ts";
import {
  add,
  averagePool,
  batchNormalization,
  cast,
  clip,
  concat,
  conv2d,
  div,
  gemm,
  globalAveragePool,
  maxPool,
  mul,
  relu,
  relu6,
  reshape,
  sigmoid,
  softmax,
} from "../../src/engine/ops/index.ts";
import { elementCount, float32, randomStream, type Shape } from "../../src/engine/tensor/index.ts";

export type Draw = (shape: Shape, scale?: number, offset?: number) => Value;

/** @returns constants of normal numbers, each call the next ones */
export function drawer(seed: number): Draw {
  const stream = randomStream(seed, "weights");
  return (shape, scale = 1, offset = 0) => {
    const values = Float32Array.from({ length: elementCount(shape) }, () => {
      const radius = Math.sqrt(-2 * Math.log(1 - stream.uniform()));
      return offset + scale * radius * Math.cos(2 * Math.PI * stream.uniform());
    });
    return constant(float32(shape, values));
  };
}

export interface Build {
  readonly draw: Draw;
  readonly dense: (x: Value, units: number) => Value;
  readonly conv: (
    x: Value,
    channels: number,
    options?: Parameters<typeof conv2d>[2] & { readonly kernel?: number; readonly scale?: number },
  ) => Value;
  readonly depthwise: (x: Value, options?: Parameters<typeof conv2d>[2]) => Value;
  readonly norm: (x: Value) => Value;
}

/** Layers with drawn weights. */
export function builder(seed: number): Build {
  const draw = drawer(seed);
  let count = 0;
  const place = (value: Value): Value => withOrigin(value, `layer${++count}`);
  return {
    draw,
    dense: (x, units) => {
      const features = x.shape[1]!;
      const kernel = draw([features, units], Math.sqrt(2 / features));
      return place(gemm(x, kernel, { c: draw([units], 0.2) }));
    },
    conv: (x, channels, { kernel = 3, scale = 1, ...options } = {}) => {
      const fan = (x.shape[1]! / (options.groups ?? 1)) * kernel * kernel;
      const shape = [channels, x.shape[1]! / (options.groups ?? 1), kernel, kernel];
      return place(
        conv2d(x, draw(shape, scale * Math.sqrt(2 / fan)), {
          padding: "same",
          bias: draw([channels], 0.2),
          ...options,
        }),
      );
    },
    depthwise: (x, options = {}) => {
      const channels = x.shape[1]!;
      const kernel = draw([channels, 1, 3, 3], 0.4);
      const bias = draw([channels], 0.2);
      return place(conv2d(x, kernel, { padding: "same", bias, ...options, groups: channels }));
    },
    norm: (x) => {
      const size = [x.shape[1]!];
      const variance = constant(
        float32(
          size,
          Array.from({ length: size[0]! }, (_, c) => 0.5 + (c % 3)),
        ),
      );
      return batchNormalization(x, draw(size, 0.3, 1), draw(size, 0.3), draw(size, 0.3), variance);
    },
  };
}

export function graphOf(name: string, samples: Value, output: Value): Graph {
  return { name, inputs: [samples], outputs: [{ name: "logits", value: output }] };
}

const flat = (x: Value): Value => reshape(x, [1, elementCount(x.shape)]);

/** uint8 pixels, scaled to [0, 1] in the graph */
export function pixels(shape: Shape): { readonly samples: Value; readonly x: Value } {
  const samples = input("samples", "uint8", [1, ...shape]);
  return { samples, x: mul(cast(samples, "float32"), 1 / 255) };
}

export const networks: Readonly<Record<string, () => Graph>> = {
  mlp: () => {
    const { dense } = builder(1);
    const { samples, x } = pixels([1, 8, 8]);
    return graphOf("mlp", samples, dense(relu(dense(relu(dense(flat(x), 33)), 16)), 10));
  },
  "float features": () => {
    const { dense } = builder(2);
    const samples = input("samples", "float32", [1, 7]);
    return graphOf("features", samples, softmax(dense(relu(dense(samples, 16)), 5)));
  },
  cnn: () => {
    const { conv, norm, dense } = builder(3);
    const { samples, x } = pixels([1, 8, 8]);
    const first = maxPool(relu(norm(conv(x, 5))), { kernel: 2 });
    const second = averagePool(relu(conv(first, 7)), { kernel: 2 });
    return graphOf("cnn", samples, dense(flat(second), 10));
  },
  "depthwise separable": () => {
    const { conv, depthwise, norm, dense } = builder(4);
    const { samples, x } = pixels([3, 11, 9]);
    const stem = relu6(norm(conv(x, 8, { strides: 2 })));
    const one = relu6(norm(conv(relu6(norm(depthwise(stem))), 12, { kernel: 1 })));
    const two = relu(conv(depthwise(one, { strides: 2 }), 6, { kernel: 1 }));
    return graphOf("dscnn", samples, dense(flat(globalAveragePool(two)), 4));
  },
  residual: () => {
    const { conv, dense } = builder(5);
    const { samples, x } = pixels([2, 7, 7]);
    const stem = relu(conv(x, 6));
    const block = relu(add(stem, conv(relu(conv(stem, 6)), 6)));
    const down = conv(block, 9, { kernel: 1, strides: 2 });
    const next = relu(add(conv(block, 9, { strides: 2 }), down));
    return graphOf("residual", samples, softmax(dense(flat(globalAveragePool(next)), 10)));
  },
  "concat and functions": () => {
    const { conv, dense } = builder(6);
    const { samples, x } = pixels([3, 6, 5]);
    const stem = conv(x, 4);
    const swish = mul(stem, div(clip(add(stem, 3), 0, 6), 6));
    const joined = concat([swish, sigmoid(conv(x, 3)), relu(conv(x, 5, { dilations: 2 }))], 1);
    const pooled = relu(maxPool(joined, { kernel: 3, strides: 2, padding: "same" }));
    return graphOf("concat", samples, dense(flat(pooled), 3));
  },
};

/** random samples like those of the graph's input, without labels */
export function randomSamples(graph: Graph, count: number, seed = 7): Dataset {
  const placeholder = graph.inputs[0]!;
  const shape = placeholder.shape.slice(1);
  const stream = randomStream(seed, "samples");
  const length = count * elementCount(shape);
  const fields = {
    name: "random",
    shape,
    labels: new Int32Array(count).fill(-1),
    classNames: ["a"],
  };
  if (placeholder.dtype === "uint8") {
    const data = Uint8Array.from({ length }, () => stream.integer(256));
    return arrayDataset({ ...fields, dtype: "uint8", data });
  }
  const data = Float32Array.from({ length }, () => 4 * stream.uniform() - 2);
  return arrayDataset({ ...fields, dtype: "float32", data });
}
