/** @file Feature losses: golden values, and what must be true of each. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { buildFeatureLoss, type FeatureLossSpec } from "../../src/distill/losses/features/index.ts";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { input, type Value } from "../../src/engine/graph/index.ts";
import { elementCount } from "../../src/engine/tensor/index.ts";
import { wrongDerivative } from "../support/central-differences.ts";
import { assertClose } from "../support/close.ts";
import {
  allFinite,
  angles,
  batchFor,
  distances,
  exactly,
  inputsOf,
  inRuntime,
  lossOn,
  mapped,
  names,
  relation,
  rowsAt,
  sizes,
  studentNames,
} from "../support/feature-batches.ts";
import type { Numbers } from "../support/gradient-graph.ts";

interface Case {
  readonly name: string;
  readonly loss: number;
  readonly student: readonly Numbers[];
  readonly teacher: readonly Numbers[];
  readonly weights?: Numbers;
  readonly gradient: readonly Numbers[];
}

/** Both sides compute in float64, sums in another order. */
const float64 = { loss: 1e-10, gradient: { rtol: 1e-9, atol: 1e-10 } };
/** float32 rounds each step by 6e-8; gradients are differences of similar numbers. */
const float32 = { loss: 1e-5, gradient: { rtol: 1e-4, atol: 1e-6 } };
/** In these, 25 and 50 multiply the rounding of float32. */
const scaledFloat32 = { loss: 1e-5, gradient: { rtol: 1e-4, atol: 2e-5 } };

describe("golden values", () => {
  const url = new URL("../golden/losses/features.json", import.meta.url);
  // written by scripts/golden/feature_losses.py
  const golden = JSON.parse(readFileSync(url, "utf8")) as Readonly<
    Record<"reference" | "extra", readonly Case[]>
  >;
  const specs: Readonly<Record<string, FeatureLossSpec>> = {
    FitNet_mse: { name: "hint" },
    AT_p2: { name: "attention" },
    SP: { name: "similarity" },
    RKD_25_50: relation,
    RKD_D_only: distances,
    RKD_A_only: angles,
    FSP: { name: "gram" },
    hint: { name: "hint" },
    "attention, one size of the student larger": { name: "attention" },
    "attention along one axis, larger teacher": { name: "attention" },
    similarity: { name: "similarity" },
    relation,
    "relation of images and sequences": relation,
    "relation of equal samples": relation,
    "gram along one axis, other sizes": { name: "gram" },
    graph: { name: "graph" },
    "graph of features that are not negative": { name: "graph" },
    "graph of three neighbours": { name: "graph", neighbours: 3 },
    "graph of two neighbours, with padding": { name: "graph", neighbours: 2 },
    "graph of two neighbours where some have one, or none": { name: "graph", neighbours: 2 },
    "graph of equal samples and one that resembles nothing": { name: "graph" },
  };
  const cases = [...golden.reference, ...golden.extra];

  it.each(cases)("$name", async ({ name, loss, student, teacher, weights, gradient }) => {
    const inputs = { ...inputsOf(student, teacher), ...(weights && { weights }) };
    const spec = specs[name]!;
    for (const [where, result, tolerance] of [
      ["float64", exactly(spec, inputs), float64],
      ["float32", await inRuntime(spec, inputs), spec === relation ? scaledFloat32 : float32],
    ] as const) {
      expect(Math.abs(result.loss / loss - 1), `loss in ${where}`).toBeLessThan(tolerance.loss);
      for (const [index, expected] of gradient.entries())
        assertClose(
          `gradient ${index} in ${where}`,
          result.gradients[`student${index}`]!,
          expected,
          tolerance.gradient,
        );
    }
  });

  it("uses every case", () => {
    expect(cases.map(({ name }) => name)).toEqual(Object.keys(specs));
  });
});

describe.each(names)("%s", (name) => {
  const spec: FeatureLossSpec = { name };
  const inputs = batchFor(name, 5);
  const weights = { shape: [5], data: [0.3, 0.1, 0.2, 0.15, 0.25] };

  it("has a gradient that central differences confirm", () => {
    const on = { ...inputs, weights };
    const students = studentNames(on);
    const value = (moved: readonly Float64Array[]): number =>
      lossOn(spec, {
        ...on,
        ...Object.fromEntries(
          students.map((each, i) => [each, { ...on[each as "weights"], data: moved[i]! }]),
        ),
      });
    const derived = exactly(spec, on).gradients;
    const wrong = wrongDerivative({
      value,
      inputs: students.map((each) => Float64Array.from(inputs[each]!.data)),
      gradient: students.map((each) => Float64Array.from(derived[each]!.data)),
      seed: 1,
    });
    expect(wrong).toBeNull();
  });

  it("is 0 with gradient 0 when student and teacher agree", () => {
    const agreed = Object.fromEntries(
      studentNames(inputs).map((each) => [each.replace("student", "teacher"), inputs[each]!]),
    );
    const { loss, gradients: derived } = exactly(spec, { ...inputs, ...agreed });
    expect(loss).toBe(0);
    expect(Object.values(derived).every(({ data }) => data.every((x) => x === 0))).toBe(true);
  });

  it("does not see a sample of weight 0", () => {
    const positions = [-1, 0, 1, -1, 2, 3, 4];
    const padded = {
      ...mapped(inputs, (layer) => rowsAt(layer, positions)),
      weights: rowsAt(weights, positions),
    };
    const data = positions.map((row) => (row < 0 ? 0 : weights.data[row]!));
    const seen = exactly(spec, { ...padded, weights: { shape: [7], data } });
    const plain = exactly(spec, { ...inputs, weights });
    expect(seen.loss / plain.loss).toBeCloseTo(1, 12);
    for (const each of studentNames(inputs)) {
      const expected = rowsAt(plain.gradients[each]!, positions);
      const row = elementCount(expected.shape.slice(1));
      const zeros = Array.from(expected.data, (x, i) =>
        positions[Math.floor(i / row)]! < 0 ? 0 : x,
      );
      assertClose(each, seen.gradients[each]!, { ...expected, data: zeros }, float64.gradient);
    }
  });

  it("weighs each sample 1/batch without weights", () => {
    const even = { shape: [5], data: [0.2, 0.2, 0.2, 0.2, 0.2] };
    expect(lossOn(spec, { ...inputs, weights: even })).toBeCloseTo(lossOn(spec, inputs), 12);
  });

  it("is 0 with gradient 0 when no sample counts, and finite for a batch of one", () => {
    const nothing = { ...inputs, weights: { shape: [5], data: [0, 0, 0, 0, 0] } };
    const { loss, gradients: derived } = exactly(spec, nothing);
    expect(loss).toBe(0);
    expect(Object.values(derived).every(({ data }) => data.every((x) => x === 0))).toBe(true);
    expect(allFinite(exactly(spec, batchFor(name, 1)))).toBe(true);
  });

  it.each(["float64", "float32"])("is finite where features are all 0, in %s", async (dtype) => {
    const run = dtype === "float64" ? exactly : inRuntime;
    const one = mapped(inputs, ({ shape, data }) => {
      const row = elementCount(shape.slice(1));
      return { shape, data: Array.from(data, (x, i) => (i < row ? 0 : x)) };
    });
    const none = mapped(inputs, ({ shape, data }) => ({ shape, data: Array.from(data, () => 0) }));
    const students = [one.student0!, none.student0!];
    for (const dead of [one, none, ...students.map((student0) => ({ ...inputs, student0 }))]) {
      const result = await run(spec, dead);
      expect(allFinite(result)).toBe(true);
      const most = Object.values(result.gradients).flatMap(({ data }) =>
        Array.from(data, Math.abs),
      );
      expect(Math.max(...most)).toBeLessThan(100);
    }
  });

  it("sends no gradient to the teacher", () => {
    const layers = (model: "student" | "teacher"): Value[] =>
      sizes[name][model].map((size, index) => input(`${model}${index}`, "float32", [5, ...size]));
    const teacher = layers("teacher");
    const loss = buildFeatureLoss(spec)(layers("student"), teacher, {});
    const code = expect.stringMatching(/^autodiff\/(unreachable|no-gradient)$/);
    expect(() => gradients(loss, teacher)).toThrow(expect.objectContaining({ code }));
  });
});
