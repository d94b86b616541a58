/**
 * @file The two terms of adversarial distillation: PyTorch's values and gradients, and that each
 * moves its own side alone.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { SoftLabels } from "../../src/data/index.ts";
import { withAdversarial } from "../../src/distill/adversarial.ts";
import { adversarialLoss, discriminatorLoss } from "../../src/distill/losses/index.ts";
import { data } from "../../src/distill/small-problem.cases.ts";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import { add, mul } from "../../src/engine/ops/index.ts";
import { float32, type Shape } from "../../src/engine/tensor/index.ts";
import { evaluateReference } from "../reference/evaluate.ts";
import { wrongDerivative } from "../support/central-differences.ts";
import { assertClose } from "../support/close.ts";
import type { Numbers } from "../support/gradient-graph.ts";
import { runGraph } from "../support/run-graph.ts";

interface Case {
  readonly name: string;
  readonly hidden: readonly number[];
  readonly combine: "arithmetic" | "geometric";
  readonly shares: readonly number[];
  readonly temperature: number;
  readonly student: Numbers;
  readonly teacher: Numbers;
  readonly weights: Numbers;
  readonly parameters: Readonly<Record<string, Numbers>>;
  readonly adversarial: number;
  readonly discriminator: number;
  readonly gradients: Readonly<Record<string, Numbers>>;
}

// written by scripts/golden/adversarial.py
const { cases } = JSON.parse(
  readFileSync(new URL("../golden/losses/adversarial.json", import.meta.url), "utf8"),
) as { readonly cases: readonly Case[] };

/** Of the student's term in the total. */
const weight = 0.5;

/** The terms, and the gradient of their weighted sum, as a training step builds them. */
function graphOf({ hidden, combine, shares, student, teacher, parameters }: Case): Graph {
  const [batch, classes] = student.shape as [number, number]; // [batch, classes]
  const inputs = {
    teacherLogits: input("teacherLogits", "float32", teacher.shape),
    temperature: input("temperature", "float32", []),
    student: input("student", "float32", student.shape),
  };
  const members = shares.map(() => ({ kind: "logits" }));
  const manifest = { members, combine, weights: shares, classCount: classes };
  const { objective } = withAdversarial(
    { objective: { perStep: Object.values(inputs), terms: () => [] }, parts: [] },
    {
      dataset: data.train,
      batchSize: batch,
      softLabels: { manifest } as unknown as SoftLabels, // of which it looks at these alone
      rows: new Int32Array(),
      spec: { adversarial: { hidden } },
    },
  );
  const names = objective.parameters!.map(({ name }) => name);
  expect(names).toEqual(Object.keys(parameters));
  const own = new Map(
    objective.parameters!.map(({ name, shape }) => [name, input(name, "float32", shape)]),
  );
  const inner = {
    feature: () => inputs.student, // of no use here
    parameter: (name: string): Value => own.get(name)!,
  };
  const terms = objective.terms(inputs.student, inputs.student, inner);
  expect(terms.map(({ name }) => name)).toEqual(["adversarial", "discriminator"]);
  const total = terms
    .map(({ loss, weight: each }) => mul(loss, each))
    .reduce((sum, term) => add(sum, term));
  const moved = ["student", ...names];
  const derived = gradients(total, [inputs.student, ...own.values()]);
  return {
    name: "adversarial terms",
    inputs: [...objective.perStep, ...own.values()],
    outputs: [
      ...terms.map(({ name, loss }) => ({ name, value: loss })),
      ...derived.map((value, at) => ({ name: `d ${moved[at]}`, value })),
    ],
  };
}

function feedsOf(one: Case): Readonly<Record<string, Numbers>> {
  return {
    teacherLogits: one.teacher,
    temperature: { shape: [], data: [one.temperature] },
    student: one.student,
    adversarialSampleWeights: one.weights,
    adversarialWeight: { shape: [], data: [weight] },
    ...one.parameters,
  };
}

function inFloat64(graph: Graph, feeds: Readonly<Record<string, Numbers>>) {
  const exact = Object.entries(feeds).map(
    ([name, { shape, data: values }]) =>
      [name, { shape, data: Float64Array.from(values) }] as const,
  );
  return evaluateReference(graph, Object.fromEntries(exact));
}

describe.each(cases)("$name", (one) => {
  const graph = graphOf(one);
  const feeds = feedsOf(one);
  /** of the student half, as its term has half a weight in the total */
  const expected = Object.entries(one.gradients).map(([name, { shape, data: values }]) => {
    const factor = name === "student" ? weight : 1;
    return [`d ${name}`, { shape, data: Array.from(values, (x) => factor * x) }] as const;
  });

  // logarithms of members' weights are float32 constants, good to 3e-8, in float64 too
  it("has PyTorch's values and gradients", async () => {
    const exact = inFloat64(graph, feeds);
    const single = await runGraph(
      graph,
      Object.fromEntries(
        graph.inputs.map(({ name, shape }) => [name, float32(shape, feeds[name]!.data)]),
      ),
    );
    for (const term of ["adversarial", "discriminator"] as const) {
      expect(exact[term]!.data[0]).toBeCloseTo(one[term], 9);
      expect(Number(single[term]!.data[0]) / one[term]).toBeCloseTo(1, 5); // dozens of roundings
    }
    for (const [name, gradient] of expected) {
      assertClose(name, exact[name]!, gradient, { rtol: 1e-7, atol: 1e-9 });
      const { shape, data: values } = single[name]!;
      const found = { shape, data: Float64Array.from(values as Float32Array) }; // outputs are float32
      assertClose(`${name} in float32`, found, gradient, { rtol: 1e-4, atol: 1e-6 });
    }
  });

  it("moves each side by its own term alone: central differences of the two", () => {
    const derived = inFloat64(graph, feeds);
    const wrong = (moved: readonly string[], term: string, factor: number): string | null =>
      wrongDerivative({
        value: (values) => {
          const shifted = moved.map((name, at) => [
            name,
            { shape: feeds[name]!.shape, data: values[at]! },
          ]);
          const outputs = inFloat64(graph, { ...feeds, ...Object.fromEntries(shifted) });
          return factor * outputs[term]!.data[0]!;
        },
        inputs: moved.map((name) => Float64Array.from(feeds[name]!.data)),
        gradient: moved.map((name) => Float64Array.from(derived[`d ${name}`]!.data)),
        seed: 1,
      });
    expect(wrong(["student"], "adversarial", weight)).toBeNull();
    expect(wrong(Object.keys(one.parameters), "discriminator", 1)).toBeNull();
  });

  it("minds no constant on all logits of a sample", () => {
    const raised = ({ shape, data: values }: Numbers): Numbers => ({
      shape,
      data: Array.from(values, (x, at) => x + 7 * Math.floor(at / 4)), // 4 classes
    });
    const plain = inFloat64(graph, feeds);
    const teacherLogits = raised(one.teacher);
    const other = inFloat64(graph, { ...feeds, student: raised(one.student), teacherLogits });
    const terms = ["adversarial", "discriminator"] as const;
    for (const term of terms)
      expect(other[term]!.data[0]! - plain[term]!.data[0]!).toBeCloseTo(0, 10);
  });

  it("is finite in float32 for logits of ±1000, and has no gradient of a sample that weighs 0", async () => {
    const scaled = ({ shape, data: values }: Numbers) =>
      float32(
        shape,
        Array.from(values, (x) => 1000 * Math.sign(x)),
      );
    const extreme = Object.fromEntries(
      graph.inputs.map(({ name, shape }) => [
        name,
        name === "student" || name === "teacherLogits"
          ? scaled(feeds[name]!)
          : float32(shape, feeds[name]!.data),
      ]),
    );
    const outputs = await runGraph(graph, extreme);
    for (const { data: values } of Object.values(outputs))
      expect(Array.from(values, Number).every(Number.isFinite)).toBe(true);
    const row = Array.from(outputs["d student"]!.data, Number).slice(4, 8); // the second sample
    expect(row.every((x) => x === 0)).toBe(true);
  });
});

describe("refusals of the losses", () => {
  const value = (shape: Shape): Value => input("x", "float32", shape);
  it.each([
    [
      "adversarialLoss: scores must be one number a sample: [batch], got [8, 1]. Reshape them.",
      "shape/rank",
      () => adversarialLoss(value([8, 1])),
    ],
    [
      "discriminatorLoss: teacher and student must have the same shape, got [8] and [7]. Make the shapes agree.",
      "shape/mismatch",
      () => discriminatorLoss({ teacher: value([8]), student: value([7]) }),
    ],
    [
      "adversarialLoss: perSample and sampleWeights must have the same shape, got [8] and [7]. Make the shapes agree.",
      "shape/mismatch",
      () => adversarialLoss(value([8]), { sampleWeights: value([7]) }),
    ],
  ])("%s", (message, code, build) => {
    expect(build).toThrow(expect.objectContaining({ code, message }));
  });
});
