/**
 * @file Every family learns from its own starting values: twenty-five real training steps, in one
 * loop of the runtime, with dropout where the family has it.
 */

import { expect, it } from "vitest";
import { hardLabelLoss } from "../../src/distill/losses/index.ts";
import { compileSteps } from "../../src/engine/compile/index.ts";
import { input, type Value } from "../../src/engine/graph/index.ts";
import { buildNetwork, initialParameters, type NetworkSpec } from "../../src/engine/nn/index.ts";
import { mul, reduceMean, sub } from "../../src/engine/ops/index.ts";
import { adam } from "../../src/engine/optim/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import {
  elementCount,
  float32,
  randomStream,
  type Shape,
  tensor,
} from "../../src/engine/tensor/index.ts";
import { buildStep, type Objective } from "../../src/engine/train/index.ts";

const steps = 25;
const batch = 16;
const classes = 2;

/** Noise whose sign of mean tells the class; as tokens, small ids or large ones. */
function samplesOf(spec: NetworkSpec, shape: Shape): number[] {
  const { uniform } = randomStream(7, "samples");
  const size = elementCount(shape);
  return Array.from({ length: batch * size }, (_, i) => {
    const isSecond = Math.floor(i / size) % 2 === 1;
    return spec.family === "tinyTransformer"
      ? Math.floor(uniform() * 5) + (isSecond ? 4 : 0)
      : uniform() * 2 - 1 + (isSecond ? 0.5 : -0.5);
  });
}

function objectiveOf(spec: NetworkSpec, shape: Shape): Objective {
  const labels = input("labels", "int32", [batch]);
  const target = input("target", "float32", [batch, ...shape]);
  const loss = (outputs: Value): Value => {
    if (spec.family !== "autoencoder") return mul(hardLabelLoss(outputs, labels), 1 / batch);
    const error = sub(outputs, target);
    return reduceMean(mul(error, error));
  };
  const weight = input("weight", "float32", []);
  return {
    perStep: [spec.family === "autoencoder" ? target : labels, weight],
    terms: (outputs) => [{ name: "term", loss: loss(outputs), weight }],
  };
}

/** @returns the loss at each step, always on the same samples */
async function lossesOf(spec: NetworkSpec, shape: Shape): Promise<readonly number[]> {
  const network = buildNetwork(spec, shape, classes);
  const optimizer = adam({ weightDecay: 0 });
  const step = buildStep({
    name: spec.family,
    network,
    objective: objectiveOf(spec, shape),
    optimizer,
    sample: { dtype: "float32", shape },
    preprocessing: { scale: 1, offset: 0 },
    batchSize: batch,
  });
  const weights = initialParameters(network.parameters, 3);
  const numbers = samplesOf(spec, shape);
  const repeat = (x: ArrayLike<number>): number[] =>
    Array.from({ length: steps }, () => Array.from(x)).flat();
  const classOf = Array.from({ length: batch }, (_, i) => i % classes);
  const feeds = {
    steps: tensor("int64", [], BigInt64Array.of(BigInt(steps))),
    samples: float32([steps, batch, ...shape], repeat(numbers)),
    target: float32([steps, batch, ...shape], repeat(numbers)),
    labels: tensor("int32", [steps, batch], Int32Array.from(repeat(classOf))),
    weight: float32([steps], repeat([1])),
    learningRate: float32([steps], repeat([0.01])),
    seed: tensor(
      "uint32",
      [steps],
      Uint32Array.from({ length: steps }, (_, i) => i),
    ),
    ...Object.fromEntries(
      Object.entries(optimizer.scalars).map(([name, at]) => [
        name,
        float32(
          [steps],
          Array.from({ length: steps }, (_, i) => at(i + 1)),
        ),
      ]),
    ),
    ...Object.fromEntries(
      step.state.map(({ before: { name, shape: own } }) => [
        name,
        weights.get(name) ?? float32(own, new Float32Array(elementCount(own))),
      ]),
    ),
  };
  const runtime = await nodeRuntime({ worker: false });
  const session = await runtime.load(compileSteps(step));
  const wanted = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
  const { outputs } = await session.run(Object.fromEntries(wanted));
  await session.dispose();
  return Array.from(outputs.loss!.data as Float32Array); // a metric
}

it.each<[NetworkSpec, Shape]>([
  [{ family: "resnet8", width: 4 }, [1, 8, 8]],
  [{ family: "dsCnn", channels: 8, blocks: 2, dropout: 0.1 }, [1, 12, 6]],
  [{ family: "mobileNetV1", width: 0.25, dropout: 0.1 }, [1, 32, 32]],
  [{ family: "autoencoder", hidden: [16], bottleneck: 6 }, [8]],
  [{ family: "gru", units: [8, 8], dropout: 0.1 }, [10, 3]],
  [{ family: "gru", units: [8], pooling: "mean" }, [10, 3]],
  [{ family: "gru", units: [8, 8] }, [1, 3]],
  [{ family: "tcn", channels: [8, 8], dropout: 0.1 }, [12, 3]],
  [
    { family: "tinyTransformer", vocabulary: 9, width: 16, heads: 2, padding: 0, dropout: 0.1 },
    [6],
  ],
])("%j learns", async (spec, shape) => {
  const losses = await lossesOf(spec, shape);
  expect(losses.length).toBe(steps);
  // ln 2 is ignorance; the starting values should not be far more wrong than that
  expect(losses[0]).toBeLessThan(2.5);
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
});
