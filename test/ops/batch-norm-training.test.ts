/**
 * @file batchNormTraining against PyTorch: value, gradients through the statistics, running
 *   averages; and its refusals.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import { add, batchNormTraining, mul, reduceSum } from "../../src/engine/ops/index.ts";
import { float32, type Tensor } from "../../src/engine/tensor/index.ts";
import { evaluateReference, referenceTensor } from "../reference/evaluate.ts";
import { wrongDerivative } from "../support/central-differences.ts";
import { assertClose } from "../support/close.ts";
import { runGraph } from "../support/run-graph.ts";

interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly name: string;
  readonly epsilon: number;
  readonly momentum: number;
  readonly x: Plain;
  readonly scale: Plain;
  readonly bias: Plain;
  readonly cotangent: Plain;
  readonly y: Plain;
  readonly gradients: readonly Plain[];
  readonly runningMean: Plain;
  readonly runningVariance: Plain;
}

const url = new URL("../golden/batch-norm-training.json", import.meta.url);
// written by scripts/golden/batch_norm_training.py
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: readonly Case[] };

/**
 * Outputs: y, the three gradients, and the running statistics after one step from the inputs
 * `oldMean` and `oldVariance`.
 */
function stepGraph(golden: Case): Graph {
  const of = (name: string, { shape }: Plain): Value => input(name, "float32", shape);
  const x = of("x", golden.x);
  const [scale, bias] = [of("scale", golden.scale), of("bias", golden.bias)];
  const [mean, variance] = [of("oldMean", golden.bias), of("oldVariance", golden.bias)];
  const cotangent = of("cotangent", golden.cotangent);
  const batch = batchNormTraining(x, scale, bias, { epsilon: golden.epsilon });
  const [dx, dscale, dbias] = gradients(reduceSum(mul(batch.y, cotangent)), [x, scale, bias]);
  const { momentum } = golden;
  const moved = (old: Value, value: Value): Value =>
    add(mul(old, 1 - momentum), mul(value, momentum));
  const outputs = {
    y: batch.y,
    dx: dx!,
    dscale: dscale!,
    dbias: dbias!,
    mean: moved(mean, batch.mean),
    variance: moved(variance, batch.unbiasedVariance),
  };
  return {
    name: "step",
    inputs: [x, scale, bias, mean, variance, cotangent],
    outputs: Object.entries(outputs).map(([name, value]) => ({ name, value })),
  };
}

function feedsOf(golden: Case): Record<string, Tensor> {
  const tensorOf = ({ shape, data }: Plain): Tensor => float32(shape, data);
  const channels = golden.bias.shape;
  return {
    x: tensorOf(golden.x),
    scale: tensorOf(golden.scale),
    bias: tensorOf(golden.bias),
    cotangent: tensorOf(golden.cotangent),
    oldMean: float32(channels, new Float32Array(channels[0]!)),
    oldVariance: float32(channels, new Float32Array(channels[0]!).fill(1)),
  };
}

function evaluate(
  golden: Case,
  feeds: Record<string, Tensor>,
): ReturnType<typeof evaluateReference> {
  const fed = Object.entries(feeds).map(([name, value]) => [name, referenceTensor(value)] as const);
  return evaluateReference(stepGraph(golden), Object.fromEntries(fed));
}

describe.each(cases)("batchNormTraining, $name", (golden) => {
  it("has PyTorch's value, gradients and running statistics", () => {
    const feeds = feedsOf(golden);
    const first = evaluate(golden, feeds);
    // Both compute in float64; centring numbers near 1000 leaves some 1e-13 of them. The momentum
    // is float32's 0.1.
    const close = { rtol: 1e-9, atol: 1e-11 };
    assertClose("y", first.y!, golden.y, close);
    for (const [i, name] of ["dx", "dscale", "dbias"].entries())
      assertClose(name, first[name]!, golden.gradients[i]!, close);
    const second = evaluate(golden, {
      ...feeds,
      x: float32(
        golden.x.shape,
        golden.x.data.map((value) => 2 * value + 1),
      ),
      oldMean: float32(golden.bias.shape, first.mean!.data),
      oldVariance: float32(golden.bias.shape, first.variance!.data),
    });
    // x, momentum and state pass through float32
    const float32Rounding = { rtol: 3e-7, atol: 1e-7 };
    assertClose("mean", second.mean!, golden.runningMean, float32Rounding);
    assertClose("variance", second.variance!, golden.runningVariance, float32Rounding);
  });

  it("gives the same in ONNX Runtime", async () => {
    const feeds = feedsOf(golden);
    const expected = evaluate(golden, feeds);
    const produced = await runGraph(stepGraph(golden), feeds);
    // Numbers near 1000 are rounded to 6e-5 in float32, deviations are near 1.
    const tolerance =
      Math.max(...golden.x.data) > 100 ? { rtol: 1e-3, atol: 1e-3 } : { rtol: 2e-5, atol: 2e-5 };
    for (const [name, value] of Object.entries(expected))
      assertClose(name, referenceTensor(produced[name]!), value, tolerance);
  });

  it("has a derivative that agrees with central differences", () => {
    const feeds = feedsOf(golden);
    const names = ["x", "scale", "bias"];
    const result = evaluate(golden, feeds);
    const graph = stepGraph(golden);
    const fixed = Object.entries(feeds).map(([k, value]) => [k, referenceTensor(value)] as const);
    const problem = wrongDerivative({
      value: (inputs) => {
        const moved = names.map((name, i) => [
          name,
          { shape: feeds[name]!.shape, data: inputs[i]! },
        ]);
        const { y } = evaluateReference(graph, Object.fromEntries([...fixed, ...moved]));
        return y!.data.reduce((sum, value, i) => sum + value * golden.cotangent.data[i]!, 0);
      },
      inputs: names.map((name) => referenceTensor(feeds[name]!).data),
      gradient: ["dx", "dscale", "dbias"].map((name) => result[name]!.data),
      seed: 2,
    });
    expect(problem).toBeNull();
  });
});

describe("batchNormTraining refuses", () => {
  const channels = input("c", "float32", [3]);

  it("a single element a channel", () => {
    expect(() => batchNormTraining(input("x", "float32", [1, 3]), channels, channels)).toThrow(
      "batchNormTraining: a channel must have more than one element, or its variance is 0, got [1, 3]. Use a larger batch, or drop the last incomplete one.",
    );
  });

  it("a scale of another number of channels", () => {
    const x = input("x", "float32", [4, 2]);
    expect(() => batchNormTraining(x, channels, input("b", "float32", [2]))).toThrow(
      "batchNormTraining: scale must have the shape [2] that the other operands imply, got [3]. Make the shapes agree.",
    );
  });

  it("an epsilon that is not positive", () => {
    const x = input("x", "float32", [4, 3]);
    expect(() => batchNormTraining(x, channels, channels, { epsilon: -1 })).toThrow(
      "batchNormTraining: epsilon must be a positive finite number, got -1.",
    );
  });
});
