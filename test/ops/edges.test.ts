/**
 * @file The edges that every operator's cases must hold: empty tensors, axes of size 1, shapes that
 * broadcast, ties, large logits, and each error that its documentation promises.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isFloat } from "../../src/engine/tensor/index.ts";
import { documentedCodes } from "../support/documented-codes.ts";
import { loadOpCases } from "../support/op-case-files.ts";
import type { OpCases, OpSample } from "../support/op-cases.ts";

const allCases = await loadOpCases();

/** @returns the operators for which the rule does not hold */
function without(
  rule: (cases: OpCases) => boolean,
  among: readonly string[] = allCases.map(({ op }) => op),
): readonly string[] {
  return allCases.filter((cases) => among.includes(cases.op) && !rule(cases)).map(({ op }) => op);
}

function hasSample({ samples }: OpCases, rule: (sample: OpSample) => boolean): boolean {
  return samples.some(rule);
}

describe("every operator's cases", () => {
  it("hold an empty tensor: computed, or refused by name", () => {
    const answered = (cases: OpCases): boolean =>
      hasSample(cases, ({ inputs }) => inputs.some(({ data }) => data.length === 0)) ||
      cases.errors.some(({ code }) => code === "shape/empty");
    const elsewhere = {
      expand: "makes empty tensors of others: 'to an empty axis'",
      hashUniform: "takes a scalar; its result is empty in 'empty'",
    };
    expect(without(answered)).toEqual(Object.keys(elsewhere));
  });

  it("check the gradient of every empty tensor", () => {
    const isExcused = ({ inputs, noGradientCheck }: OpSample): boolean =>
      noGradientCheck !== undefined && inputs.some(({ data }) => data.length === 0);
    const excused = without((cases) => !hasSample(cases, isExcused));
    expect(excused).toEqual(["stopGradient"]); // none passes
  });

  it("hold an axis of size 1, or a scalar", () => {
    const answered = (cases: OpCases): boolean =>
      hasSample(cases, ({ inputs }) =>
        inputs.some(({ shape }) => shape.length === 0 || shape.includes(1)),
      );
    expect(without(answered)).toEqual([]);
  });

  it("hold two shapes that broadcast, if it says that it refuses others", () => {
    const broadcasting = allCases
      .filter(({ errors }) => errors.some(({ code }) => code === "shape/broadcast"))
      .map(({ op }) => op);
    expect(broadcasting.length).toBeGreaterThan(15);
    const stretches = (cases: OpCases): boolean =>
      cases.op === "expand" || // stretches its one operand
      hasSample(cases, ({ inputs: [first, ...others] }) =>
        others.some(({ shape }) => shape.join() !== first!.shape.join()),
      );
    expect(without(stretches, broadcasting)).toEqual([]);
  });

  it("hold ties where it chooses among elements, and kinks where its slope jumps", () => {
    const choosing = ["argMax", "topKIndices", "topKValues", "maximum", "minimum"];
    choosing.push("maxPool", "maxPoolGrad", "reduceMax", "reduceMin");
    const hasTies = (cases: OpCases): boolean => hasSample(cases, ({ name }) => /ties/.test(name));
    expect(without(hasTies, choosing)).toEqual([]);
    const kinked = ["abs", "clip", "leakyRelu", "relu", "relu6"];
    const hasKink = (cases: OpCases): boolean =>
      hasSample(cases, ({ noDifferences = "" }) => /kink/.test(noDifferences));
    expect(without(hasKink, kinked)).toEqual([]);
  });

  it("hold numbers beyond where naive formulas overflow, for what takes logits", () => {
    const taking = ["exp", "logSoftmax", "sigmoid", "softmax", "softplus", "tanh", "erf"];
    const isLarge = (value: number): boolean => Math.abs(value) >= 100;
    const hasLarge = (cases: OpCases): boolean =>
      hasSample(cases, ({ inputs }) =>
        inputs.some(
          // any typed array is one
          ({ dtype, data }) =>
            isFloat(dtype) && Array.from(data as ArrayLike<number>).some(isLarge),
        ),
      );
    expect(without(hasLarge, taking)).toEqual([]);
  });

  it("refuse something by code and message, unless there is nothing to refuse", () => {
    expect(without(({ errors }) => errors.length > 0)).toEqual(["stopGradient"]); // any tensor
  });
});

/** Codes after @throws in the operator's own file. */
function promised(op: string): readonly string[] {
  const file = op.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const text = readFileSync(new URL(`../../src/engine/ops/${file}.ts`, import.meta.url), "utf8");
  return documentedCodes(text);
}

it.each(allCases)("$op refuses what its documentation says, each code once", ({ op, errors }) => {
  const refused = new Set(errors.map(({ code }) => code));
  expect(promised(op).filter((code) => !refused.has(code))).toEqual([]);
});
