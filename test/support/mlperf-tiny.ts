/** @file The four architectures of MLPerf Tiny as float graphs, with drawn weights. */

import { type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import {
  add,
  averagePool,
  conv2d,
  globalAveragePool,
  relu,
  reshape,
  softmax,
} from "../../src/engine/ops/index.ts";
import { elementCount } from "../../src/engine/tensor/index.ts";
import { type Build, builder, graphOf, pixels } from "./quantized-networks.ts";

const flat = (x: Value): Value => reshape(x, [1, elementCount(x.shape)]);

/** Keyword spotting: DS-CNN on 49 x 10 features, 12 words. */
function keywords(): Graph {
  const { conv, depthwise, norm, dense, draw } = builder(11);
  const samples = input("samples", "float32", [1, 1, 49, 10]);
  const kernel = draw([64, 1, 10, 4], 0.2);
  let x = relu(norm(conv2d(samples, kernel, { padding: "same", strides: 2 })));
  for (let block = 0; block < 4; block++)
    x = relu(norm(conv(relu(norm(depthwise(x))), 64, { kernel: 1 })));
  const pooled = averagePool(x, { kernel: [25, 5] });
  return graphOf("ds-cnn", samples, softmax(dense(flat(pooled), 12)));
}

function residualBlock({ conv, norm }: Build, x: Value, channels: number, strides: number): Value {
  const inner = norm(conv(relu(norm(conv(x, channels, { strides }))), channels));
  const skip = strides === 1 ? x : conv(x, channels, { kernel: 1, strides });
  return relu(add(inner, skip));
}

/** Image classification: ResNet-8 on 32 x 32 pixels, 10 classes. */
function images(): Graph {
  const build = builder(12);
  const { samples, x } = pixels([3, 32, 32]);
  const stem = relu(build.norm(build.conv(x, 16)));
  const one = residualBlock(build, stem, 16, 1);
  const two = residualBlock(build, one, 32, 2);
  const three = residualBlock(build, two, 64, 2);
  const pooled = averagePool(three, { kernel: 8 });
  return graphOf("resnet-8", samples, softmax(build.dense(flat(pooled), 10)));
}

/** Visual wake words: MobileNet v1 of width 0.25 on 96 x 96 pixels, 2 classes. */
function persons(): Graph {
  const { conv, depthwise, norm, dense } = builder(13);
  const { samples, x } = pixels([3, 96, 96]);
  const blocks = [
    [16, 1],
    [32, 2],
    [32, 1],
    [64, 2],
    [64, 1],
    [128, 2],
    ...Array.from({ length: 5 }, () => [128, 1]),
    [256, 2],
    [256, 1],
  ] as const;
  let y = relu(norm(conv(x, 8, { strides: 2 })));
  for (const [channels, strides] of blocks)
    y = relu(norm(conv(relu(norm(depthwise(y, { strides: strides! }))), channels!, { kernel: 1 })));
  return graphOf("mobilenet", samples, softmax(dense(flat(globalAveragePool(y)), 2)));
}

/** Anomaly detection: an autoencoder of dense layers on 640 features. */
function anomalies(): Graph {
  const { dense, norm } = builder(14);
  const samples = input("samples", "float32", [1, 640]);
  const sizes = [128, 128, 128, 128, 8, 128, 128, 128, 128];
  const code = sizes.reduce((x: Value, units) => relu(norm(dense(x, units))), samples);
  return graphOf("autoencoder", samples, dense(code, 640));
}

/** One number in, one out: the size of the sine example. */
function sine(): Graph {
  const { dense } = builder(15);
  const samples = input("samples", "float32", [1, 1]);
  return graphOf("sine", samples, dense(relu(dense(relu(dense(samples, 16)), 16)), 1));
}

export const mlperfTiny: Readonly<Record<string, () => Graph>> = {
  autoencoder: anomalies,
  "ds-cnn": keywords,
  "resnet-8": images,
  "mobilenet-0.25": persons,
  "sine mlp": sine,
};
