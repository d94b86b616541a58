/**
 * @file Every operator against its cases: inferred types, float64 reference against ONNX Runtime,
 * values and gradients against PyTorch, derivatives against central differences, and each refusal
 * by code and message.
 */

import { describe, expect, it } from "vitest";
import { definitionOf, ops } from "../../src/engine/ops/index.ts";
import { isDistillError } from "../../src/errors/index.ts";
import { evaluateValues, referenceTensor } from "../reference/evaluate.ts";
import { wrongDerivative } from "../support/central-differences.ts";
import { assertClose } from "../support/close.ts";
import { decodeTensor, readGolden } from "../support/golden-ops.ts";
import { loadOpCases } from "../support/op-case-files.ts";
import type { OpCases, OpSample } from "../support/op-cases.ts";
import {
  evaluateSample,
  floatPositions,
  gradientGraph,
  graphOf,
  hasGradient,
  type SampleGraph,
  sampleGraph,
} from "../support/op-sample.ts";
import { runGraph } from "../support/run-graph.ts";

const allCases = await loadOpCases();

/**
 * Unless a sample says more: both sides compute in float64; sums of a few hundred terms in another
 * order differ by some 1e-14.
 */
const float64Noise = { rtol: 1e-12, atol: 1e-13 };

it("has cases for every operator, and no others", () => {
  expect(allCases.map(({ op }) => op).sort()).toEqual(Object.keys(ops).sort());
});

describe.each(allCases)("$op", (cases) => {
  const withGradient = cases.samples.filter((sample) =>
    hasGradient(sample, sampleGraph(cases, sample)),
  );

  it("has samples whose names differ", () => {
    const names = cases.samples.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(cases.samples.filter((sample) => sample.noRuntime === undefined))(
    "reference = ONNX Runtime: $name",
    async (sample) => compareWithRuntime(cases, sample),
  );

  it.each(cases.samples.filter((sample) => sample.noGolden === undefined))(
    "reference = golden: $name",
    (sample) => compareWithGolden(cases, sample),
  );

  if (withGradient.length > 0)
    it.each(withGradient.filter((sample) => sample.noDifferences === undefined))(
      "derivative = central differences: $name",
      (sample) => compareWithDifferences(sampleGraph(cases, sample)),
    );

  if (cases.errors.length > 0)
    it.each(cases.errors)("refuses: $name", ({ build, code, message }) => {
      const error = thrownBy(build);
      expect(isDistillError(error) && { code: error.code, message: error.message }).toEqual({
        code,
        message,
      });
    });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

/**
 * Value and gradients in ONNX Runtime, in each of the operator's forms, with the dtype and shape
 * that were inferred.
 */
async function compareWithRuntime(cases: OpCases, sample: OpSample): Promise<void> {
  const built = sampleGraph(cases, sample);
  const derived = hasGradient(sample, built) ? gradientGraph(built).gradients : [];
  const values = [built.output, ...derived];
  const expected = evaluateSample(values, built);
  for (const form of definitionOf(cases.op).forms ?? [""]) {
    const forms = form === "" ? {} : { [cases.op]: form };
    const produced = await runGraph(graphOf(built, values), built.feeds, { forms });
    for (const [i, value] of values.entries()) {
      const result = produced[`output${i}`]!;
      const what = `${form} ${i === 0 ? "value" : `gradient of float input ${i - 1}`}`.trim();
      expect({ what, dtype: result.dtype, shape: result.shape }).toEqual({
        what,
        dtype: value.dtype,
        shape: [...value.shape],
      });
      const tolerance = i === 0 ? sample.tolerance : (sample.gradientTolerance ?? sample.tolerance);
      assertClose(what, referenceTensor(result), expected[i]!, tolerance);
    }
  }
}

/** Value and gradients in float64 against the independent software's. */
function compareWithGolden(cases: OpCases, sample: OpSample): void {
  const built = sampleGraph(cases, sample);
  const golden = readGolden(cases.op, sample.name);
  const tolerance = sample.goldenTolerance ?? float64Noise;
  const fed = built.placeholders.map(({ name }) => referenceTensor(built.feeds[name]!));
  for (const [i, recorded] of golden.inputs.entries())
    assertClose(`input ${i} (golden file is stale)`, fed[i]!, decodeTensor(recorded), exactly);
  const derived = hasGradient(sample, built) ? gradientGraph(built).gradients : [];
  const [value, ...gradients] = evaluateSample([built.output, ...derived], built);
  assertClose("value", value!, decodeTensor(golden.output), tolerance);
  for (const [i, position] of (derived.length > 0
    ? floatPositions(built.placeholders)
    : []
  ).entries()) {
    const recorded = golden.gradients[position];
    if (!recorded) throw new Error(`the golden file has no gradient of input ${position}`);
    assertClose(`gradient of input ${position}`, gradients[i]!, decodeTensor(recorded), tolerance);
  }
}

const exactly = { rtol: 0, atol: 0 };

function compareWithDifferences(built: SampleGraph): void {
  const { loss, wrt, gradients } = gradientGraph(built);
  const fixed = new Map(
    built.placeholders.map((value) => [value, referenceTensor(built.feeds[value.name]!)]),
  );
  const problem = wrongDerivative({
    value: (inputs) => {
      const moved = wrt.map(
        (value, i) => [value, { shape: value.shape, data: inputs[i]! }] as const,
      );
      return evaluateValues([loss], new Map([...fixed, ...moved]))[0]!.data[0]!;
    },
    inputs: wrt.map((value) => fixed.get(value)!.data),
    gradient: evaluateSample(gradients, built).map(({ data }) => data),
    seed: 1,
  });
  expect(problem).toBeNull();
}
