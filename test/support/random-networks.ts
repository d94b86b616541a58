/** @file Integer networks drawn from a seed: odd sizes, odd strides, scales of any magnitude. */

import {
  observedValues,
  planLayers,
  type QuantizedGraph,
  quantizePlan,
} from "../../src/device/quantize/index.ts";
import { input, type Value } from "../../src/engine/graph/index.ts";
import {
  add,
  argMax,
  averagePool,
  concat,
  globalAveragePool,
  maxPool,
  relu,
  relu6,
  reshape,
  softmax,
  tanh,
} from "../../src/engine/ops/index.ts";
import { elementCount, type RandomStream, randomStream } from "../../src/engine/tensor/index.ts";
import { isDistillError } from "../../src/errors/index.ts";
import { type Build, builder, graphOf } from "./quantized-networks.ts";

/** @returns an integer network, or undefined if its drawn scales are refused */
export function randomNetwork(seed: number): QuantizedGraph | undefined {
  const stream = randomStream(seed, "network");
  const plan = planLayers(drawGraph(seed, stream));
  const extreme = stream.integer(2) === 1;
  const ranges = new Map(
    observedValues(plan).map((value) => {
      const size = extreme ? 10 ** (4 * stream.uniform() - 2) : 1 + 4 * stream.uniform();
      return [value, { min: -size * stream.uniform(), max: size * stream.uniform() }];
    }),
  );
  try {
    return quantizePlan(plan, ranges, { perChannelDense: stream.integer(2) === 1 });
  } catch (error) {
    if (isDistillError(error) && error.code.startsWith("quantize/")) return undefined;
    throw error;
  }
}

function drawGraph(seed: number, stream: RandomStream) {
  const build = builder(seed);
  const size = (): number => 1 + stream.integer(9);
  if (stream.integer(4) === 0) {
    const samples = input("samples", "float32", [1, 1 + stream.integer(70)]);
    const hidden = relu(build.dense(samples, 1 + stream.integer(21)));
    return graphOf("features", samples, ending(build, hidden, stream));
  }
  const samples = input("samples", "float32", [1, size(), size(), size()]);
  let x: Value = samples;
  for (let layers = 1 + stream.integer(4); layers > 0; layers--) x = drawLayer(build, x, stream);
  const pooled = stream.integer(2) === 1 ? globalAveragePool(x) : x;
  const flat = reshape(pooled, [1, elementCount(pooled.shape)]);
  return graphOf("image", samples, ending(build, flat, stream));
}

function drawLayer(build: Build, x: Value, stream: RandomStream): Value {
  const one = (): number => 1 + stream.integer(3);
  const strides = [one(), one()] as const;
  const kernel = one();
  const channels = 1 + stream.integer(11);
  switch (stream.integer(8)) {
    case 0:
      return relu(build.depthwise(x, { strides }));
    case 1:
      return maxPool(x, { kernel, strides, padding: "same" });
    case 2:
      return averagePool(x, { kernel, strides, padding: "same" });
    case 3:
      return relu(add(x, build.conv(x, x.shape[1]!, { kernel })));
    case 4:
      return concat([x, tanh(build.conv(x, channels, { kernel }))], 1);
    case 5:
      return build.norm(relu6(build.conv(x, channels, { kernel: 1 })));
    case 6:
      return build.conv(x, channels, { kernel, dilations: one() });
    default:
      return relu(build.conv(x, channels, { kernel, strides }));
  }
}

function ending({ dense }: Build, x: Value, stream: RandomStream): Value {
  const logits = dense(x, 1 + stream.integer(12));
  const kind = stream.integer(4);
  return kind === 0 ? softmax(logits) : kind === 1 ? argMax(logits) : logits;
}
