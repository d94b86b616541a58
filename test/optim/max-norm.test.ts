/** @file Max-norm against PyTorch's renorm, and in a training step of every family. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { input } from "../../src/engine/graph/index.ts";
import {
  buildNetwork,
  families,
  initialParameters,
  type NetworkSpec,
} from "../../src/engine/nn/index.ts";
import { gemm, mul, reduceMean } from "../../src/engine/ops/index.ts";
import { maxNorm, sgd } from "../../src/engine/optim/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import type { Runtime } from "../../src/engine/runtime/runtime.ts";
import { elementCount, float32, type Shape, tensor } from "../../src/engine/tensor/index.ts";
import { buildStep, openStepRunner } from "../../src/engine/train/index.ts";
import { evaluateValues } from "../reference/evaluate.ts";
import { assertClose } from "../support/close.ts";

interface Case {
  readonly name: string;
  readonly unitAxis: number;
  readonly limit: number;
  readonly shape: readonly number[];
  readonly kernel: readonly number[];
  readonly limited: readonly number[];
}

const url = new URL("../golden/optim/max-norm.json", import.meta.url);
// written by scripts/golden/max_norm.py
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { readonly cases: readonly Case[] };

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(async () => runtime.close());

/** @returns the norm of each unit's weights, in float64 */
function unitNorms({ shape, data }: { shape: Shape; data: ArrayLike<number> }, unitAxis: number) {
  const stride = elementCount(shape.slice(unitAxis + 1));
  const squares = new Array<number>(shape[unitAxis]!).fill(0);
  for (let at = 0; at < data.length; at++)
    squares[Math.floor(at / stride) % shape[unitAxis]!]! += data[at]! ** 2;
  return squares.map(Math.sqrt);
}

it.each(cases)("limits a $name kernel as PyTorch does", (golden) => {
  const { shape, kernel, limited, limit, unitAxis } = golden;
  const x = input("kernel", "float32", shape);
  const isUsual = unitAxis === (shape.length === 2 ? 1 : 0);
  const value = maxNorm(x, limit, isUsual ? {} : { unitAxis });
  const [got] = evaluateValues([value], new Map([[x, { shape, data: kernel }]]) as never);
  // renorm divides by the norm + 1e-7
  assertClose(golden.name, got!, { shape, data: limited }, { rtol: 2e-7, atol: 0 });
});

it("refuses what has no axis of inputs, by name", () => {
  const vector = input("output/kernel", "float32", [3]);
  expect(() => maxNorm(vector, 1, { name: "output/kernel" })).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: maxNorm of output/kernel: a kernel must have an axis of inputs and one of units, got [3]. Leave maxNorm out, or give the parameter another role.]`,
  );
});

const networks: readonly (readonly [NetworkSpec, Shape])[] = [
  [{ family: "mlp", hidden: [5] }, [6]],
  [{ family: "cnn", channels: [3, 4], hidden: [5] }, [1, 8, 8]],
  [{ family: "resnet8", width: 4 }, [1, 8, 8]],
  [{ family: "dsCnn", channels: 4, blocks: 2 }, [1, 12, 6]],
  [{ family: "mobileNetV1", width: 0.25 }, [1, 32, 32]],
  [{ family: "gru", units: [4, 4] }, [6, 3]],
  [{ family: "tcn", channels: [4, 6] }, [12, 3]],
  [{ family: "tinyTransformer", vocabulary: 9, width: 8, heads: 2, padding: 0 }, [6]],
  [{ family: "autoencoder", hidden: [6], bottleneck: 3 }, [8]],
];

describe("a training step with maxNorm", () => {
  const [batch, limit] = [4, 0.25];

  it("is tried with every family", () => {
    expect(networks.map(([{ family }]) => family)).toEqual(families);
  });

  it.each(networks)("%j: no unit's norm is above the limit", async (spec, shape) => {
    const network = buildNetwork(spec, shape, 3);
    const weight = input("weight", "float32", []);
    const step = buildStep({
      name: spec.family,
      network,
      objective: {
        perStep: [weight],
        terms: (outputs) => [{ name: "term", loss: reduceMean(mul(outputs, outputs)), weight }],
      },
      optimizer: sgd(),
      sample: { dtype: "float32", shape },
      preprocessing: { scale: 1, offset: 0 },
      batchSize: batch,
      maxNorm: limit,
    });
    const weights = initialParameters(network.parameters, 3);
    const runner = await openStepRunner(runtime, step, weights);
    const size = batch * elementCount(shape);
    const numbers = Array.from({ length: size }, (_, at) => at % 7);
    await runner.run(
      {
        samples: float32([1, batch, ...shape], numbers),
        weight: float32([1], [0.01]),
        learningRate: float32([1], [0.01]),
        seed: tensor("uint32", [1], Uint32Array.of(0)),
      },
      1,
    );
    const state = await runner.state();
    await runner.close();
    const kernels = network.parameters.filter(({ role }) => role === "kernel");
    expect(kernels.length).toBeGreaterThan(0);
    for (const { name, shape: own } of kernels) {
      const { data } = state.get(name)!;
      const norms = unitNorms({ shape: own, data: data as Float32Array }, own.length === 2 ? 1 : 0);
      expect(Math.max(...norms), name).toBeLessThan(limit * (1 + 1e-5));
      // a row of the starting values is far above it
      expect(Math.max(...norms), name).toBeGreaterThan(limit * (1 - 1e-5));
    }
  });
});

it("an objective's own parameters have no limit, and are in no parameter group", async () => {
  const network = buildNetwork({ family: "mlp", hidden: [4] }, [3], 3);
  const extra = {
    name: "extra/kernel",
    shape: [3, 3],
    role: "kernel",
    initializer: { kind: "normal", deviation: 1 },
  } as const;
  const weight = input("weight", "float32", []);
  const step = buildStep({
    name: "extra",
    network,
    objective: {
      perStep: [weight],
      parameters: [extra],
      terms: (logits, _, { parameter }) => {
        const moved = gemm(logits, parameter("extra/kernel"));
        return [{ name: "term", loss: reduceMean(mul(moved, moved)), weight }];
      },
    },
    optimizer: sgd(),
    sample: { dtype: "float32", shape: [3] },
    preprocessing: { scale: 1, offset: 0 },
    batchSize: 2,
    maxNorm: 0.25,
    parameterGroups: [{ parameters: ["*/bias", "output/*"], learningRateScale: 0 }],
  });
  const start = initialParameters([...network.parameters, extra], 3);
  const runner = await openStepRunner(runtime, step, start);
  await runner.run(
    {
      samples: float32([1, 2, 3], [1, 2, 3, 3, 1, 2]),
      weight: float32([1], [1]),
      learningRate: float32([1], [0.01]),
      seed: tensor("uint32", [1], Uint32Array.of(0)),
    },
    1,
  );
  const state = await runner.state();
  await runner.close();
  const after = state.get("extra/kernel")!.data as Float32Array;
  expect(after).not.toEqual(start.get("extra/kernel")!.data); // trained
  expect(Math.max(...unitNorms({ shape: [3, 3], data: after }, 1))).toBeGreaterThan(0.5);
});
