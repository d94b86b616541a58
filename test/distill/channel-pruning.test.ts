/** @file Channels taken out of convolutional families: the function stays, files shrink. */

import { beforeAll, describe, expect, it } from "vitest";
import { arrayDataset, type Dataset, memoryStore, openSoftLabels } from "../../src/data/index.ts";
import { exportC } from "../../src/device/export/index.ts";
import {
  labelAll,
  type Model,
  modelLogits,
  networkOf,
  networkTeacher,
  packageJob,
  quantizeModel,
  readModel,
  runJob,
  studentFile,
  writeModel,
} from "../../src/distill/index.ts";
import { accuracy } from "../../src/distill/metrics/index.ts";
import { channelGroups, initialParameters, type NetworkSpec } from "../../src/engine/nn/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import {
  elementCount,
  randomStream,
  type Shape,
  type Tensor,
} from "../../src/engine/tensor/index.ts";
import { withoutDeadChannels } from "../../src/engine/train/index.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});

const classNames = ["dark", "middle", "bright"];

/** uint8 samples whose class is how bright their first third is, under noise. */
function samplesOf(shape: Shape, length: number, name = "samples"): Dataset {
  const stream = randomStream(name);
  const size = elementCount(shape);
  const labels = Int32Array.from({ length }, () => stream.integer(3));
  const data = Uint8Array.from({ length: length * size }, (_, at) => {
    const isFirst = at % size < size / 3;
    return stream.integer(100) + (isFirst ? 70 * labels[Math.floor(at / size)]! : 70);
  });
  return arrayDataset({ name, dtype: "uint8", shape, data, labels, classNames });
}

/** Every weight random and none zero, running statistics and offsets too. */
function randomModel(spec: NetworkSpec, shape: Shape): Model {
  const about = {
    spec,
    sample: { dtype: "uint8", shape },
    preprocessing: { scale: 1 / 255, offset: 0 },
    classNames,
  } as const;
  const weights = initialParameters(networkOf(about).parameters, 3);
  const stream = randomStream("weights");
  for (const [name, { data }] of weights)
    for (let at = 0; at < data.length; at++)
      if (!name.endsWith("kernel")) data[at] = 0.5 + stream.uniform();
  return { ...about, weights };
}

/** Each group loses every channel for which `isDead`; statistics stay as they are. */
function masked(model: Model, isDead: (channel: number) => boolean): Model {
  const network = networkOf(model);
  const roles = new Map(network.parameters.map(({ name, role }) => [name, role]));
  const weights = new Map(model.weights);
  for (const { makers } of channelGroups(model.spec, network))
    for (const { name, axis } of makers) {
      if (roles.get(name) === "statistic") continue;
      const weight = weights.get(name) as Tensor<"float32">; // as all parameters
      const inner = elementCount(weight.shape.slice(axis + 1));
      const data = weight.data.map((value, at) =>
        isDead(Math.floor(at / inner) % weight.shape[axis]!) ? 0 : value,
      );
      weights.set(name, { ...weight, data });
    }
  return { ...model, weights };
}

const image: Shape = [1, 16, 16];
const cases: readonly (readonly [string, NetworkSpec, Shape, NetworkSpec])[] = [
  [
    "cnn, flattened",
    { family: "cnn", channels: [4, 6] },
    image,
    { family: "cnn", channels: [3, 4] },
  ],
  [
    "cnn, normalised and pooled, with hidden units",
    {
      family: "cnn",
      channels: [4, 6],
      batchNorm: true,
      globalPooling: true,
      hidden: [7],
      pooling: "average",
    },
    image,
    {
      family: "cnn",
      channels: [3, 4],
      batchNorm: true,
      globalPooling: true,
      hidden: [5],
      pooling: "average",
    },
  ],
  [
    "resnet8",
    { family: "resnet8", width: 4 },
    image,
    { family: "resnet8", channels: [3, 3, 5, 5, 11, 11] },
  ],
  [
    "dsCnn",
    { family: "dsCnn", channels: 6, blocks: 2 },
    image,
    { family: "dsCnn", channels: [4, 4, 4] },
  ],
  [
    "mobileNetV1",
    { family: "mobileNetV1", width: 0.1 },
    image,
    {
      family: "mobileNetV1",
      channels: [2, 4, 9, 9, 17, 17, 34, 34, 34, 34, 34, 34, 68, 68],
    },
  ],
  [
    "tcn that adds to its input, then to another block's",
    { family: "tcn", channels: [6, 8, 8] },
    [10, 6],
    { family: "tcn", channels: [6, 5, 5], inner: [4, 5, 5] },
  ],
];

describe("withoutDeadChannels", () => {
  // 1, 4, 7, …
  const isDead = (channel: number): boolean => channel % 3 === 1;

  it.each(cases)("%s: fewer channels, the same logits", async (_, spec, shape, smaller) => {
    const before = masked(randomModel(spec, shape), isDead);
    const after = withoutDeadChannels(before);
    expect(after.spec).toEqual(smaller);
    const data = samplesOf(shape, 20);
    const [a, b] = [
      await modelLogits(runtime, before, data),
      await modelLogits(runtime, readModel(writeModel(after), "test"), data),
    ];
    const largest = a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const worst = a.reduce((most, x, at) => Math.max(most, Math.abs(x - b[at]!)), 0);
    expect(worst / largest).toBeLessThan(1e-5); // the same sums in another order, float32
    expect(largest).toBeGreaterThan(0.01);
  });

  it("keeps a dead channel where a tcn's block would otherwise add to its input", async () => {
    const spec: NetworkSpec = { family: "tcn", channels: [6, 9] };
    const before = masked(randomModel(spec, [8, 4]), isDead); // 6 -> 4, which are the features
    const after = withoutDeadChannels(before);
    expect(after.spec).toEqual({ family: "tcn", channels: [5, 6], inner: [4, 6] });
    const data = samplesOf([8, 4], 10);
    const [a, b] = [
      await modelLogits(runtime, before, data),
      await modelLogits(runtime, after, data),
    ];
    for (const [at, x] of a.entries()) expect(Math.abs(x - b[at]!)).toBeLessThan(1e-4);
  });

  it("keeps one channel of a group that is all zero", () => {
    const after = withoutDeadChannels(
      masked(randomModel({ family: "dsCnn", channels: 4, blocks: 1 }, image), () => true),
    );
    expect(after.spec).toEqual({ family: "dsCnn", channels: [1, 1] });
  });
});

describe("training that prunes channels", () => {
  it.each<NetworkSpec>([
    { family: "cnn", channels: [8, 8], batchNorm: true },
    { family: "resnet8", width: 4 },
    { family: "dsCnn", channels: 8, blocks: 1, kernel: [3, 3] },
  ])(
    "$family: half of them go under a distillation loss; int8 C and ONNX shrink",
    async (student) => {
      const [train, validation] = [
        samplesOf([1, 8, 8], 96, "train"),
        samplesOf([1, 8, 8], 60, "v"),
      ];
      const store = memoryStore("labels");
      const teacher = await networkTeacher(
        runtime,
        randomModel({ family: "mlp", hidden: [8] }, [1, 8, 8]),
      );
      await labelAll({ teacher, dataset: train, store });
      const softLabels = await openSoftLabels(store);
      const trained = async (pruning: object) => {
        const run = runJob(
          packageJob({
            id: "student",
            softLabels,
            train,
            validation,
            student,
            training: { epochs: 6, batchSize: 16, learningRate: 0.01, ...pruning },
            seed: 1,
          }),
          { runtime },
        );
        let step = await run.next();
        while (!step.done) step = await run.next();
        return step.value;
      };
      const whole = await trained({});
      const pruned = await trained({
        pruning: { sparsity: 0.5, structure: "channels", startEpoch: 1, endEpoch: 4 },
      });
      const counts = (model: Model) =>
        channelGroups(model.spec, networkOf(model)).map(({ count }) => count);
      expect(counts(pruned.model)).toEqual(counts(whole.model).map((count) => count / 2));
      expect(pruned.bestEpoch).toBeGreaterThan(4);
      const own = await modelLogits(runtime, pruned.model, validation);
      expect(accuracy(own, validation.labels)).toBeCloseTo(pruned.validationAccuracy, 6);
      const bytes = async ({ model }: typeof whole) => {
        const graph = await quantizeModel(model, { calibration: train, runtime });
        return { onnx: studentFile(model).bytes.length, c: exportC(graph).constantBytes };
      };
      const [large, small] = [await bytes(whole), await bytes(pruned)];
      expect(small.onnx).toBeLessThan(large.onnx);
      expect(small.c).toBeLessThan(0.7 * large.c);
    },
  );
});
