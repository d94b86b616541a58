import { describe, expect, it } from "vitest";
import { input, topologicalOrder } from "../graph/index.ts";
import {
  adam,
  adamW,
  buildOptimizer,
  clipByGlobalNorm,
  maxNorm,
  type OptimizerSpec,
  sgd,
} from "./index.ts";

const kernel = input("kernel", "float32", [2, 3]);

describe("optimisers", () => {
  it("keep the slots that they need", () => {
    expect(sgd().slots).toEqual([]);
    expect(sgd({ momentum: 0.9 }).slots).toEqual(["velocity"]);
    expect(adam().slots).toEqual(["moment1", "moment2"]);
  });

  it("have the field's defaults", () => {
    expect(adam().weightDecay).toBe(0);
    expect(adamW().weightDecay).toBe(0.01);
    const { inverseCorrection1, inverseCorrection2 } = adam().scalars;
    expect(inverseCorrection1!(1)).toBeCloseTo(10, 12); // 1 / (1 − 0.9)
    expect(inverseCorrection2!(1)).toBeCloseTo(1000, 9); // 1 / (1 − 0.999)
    expect(inverseCorrection1!(10_000)).toBe(1);
  });

  it("asked by hand, decay as they were made to, and refuse what they would do without", () => {
    const [gradient, velocity, learningRate] = [kernel, kernel, input("rate", "float32", [])];
    const given = { parameter: kernel, gradient, learningRate, scalars: {} };
    const operators = (weightDecay?: number): readonly string[] => {
      const rule = sgd({ momentum: 0.9, weightDecay: 0.5 });
      const asked = {
        ...given,
        slots: { velocity },
        ...(weightDecay !== undefined && { weightDecay }),
      };
      return topologicalOrder([rule.update(asked).parameter]).map(({ op }) => op);
    };
    expect(operators()).toEqual(operators(0.5));
    expect(operators().length).toBeGreaterThan(operators(0).length);
    expect(() =>
      sgd({ momentum: 0.9 }).update({ ...given, slots: { momentum: velocity } }),
    ).toThrow(
      expect.objectContaining({
        code: "config/missing",
        message:
          "update of sgd: slots must hold velocity, got momentum. Keep one for each parameter, zero at first.",
      }),
    );
    const slots = { moment1: kernel, moment2: kernel };
    expect(() => adamW().update({ ...given, slots })).toThrow(
      expect.objectContaining({
        code: "config/missing",
        message:
          "update of adamW: scalars must hold inverseCorrection1 and inverseCorrection2, got none. Feed them each step.",
      }),
    );
  });

  it("take undefined for what is not said", () => {
    expect(adamW({ weightDecay: undefined } as object).weightDecay).toBe(0.01);
  });

  it("are data in recipes", () => {
    expect(buildOptimizer({ name: "sgd", momentum: 0.9, nesterov: true }).name).toBe(
      "sgd (nesterov)",
    );
    expect(buildOptimizer({ name: "adamW" }).name).toBe("adamW");
    expect(buildOptimizer({ name: "adam", weightDecay: 0.1 }).weightDecay).toBe(0.1);
  });

  it("refuse a name that does not exist", () => {
    const spec = { name: "adamw" } as unknown as OptimizerSpec; // what a recipe may hold
    expect(() => buildOptimizer(spec)).toThrow(
      expect.objectContaining({
        code: "config/unknown-name",
        message:
          'buildOptimizer: unknown optimizer "adamw". Did you mean "adamW"? Valid: sgd, adam, adamW.',
      }),
    );
  });

  it.each([
    [
      "momentum of 1",
      () => sgd({ momentum: 1 }),
      "sgd: momentum must be a finite number, at least 0 and below 1, got 1. Correct momentum.",
    ],
    [
      "negative decay",
      () => sgd({ weightDecay: -1 }),
      "sgd: weightDecay must be a finite number, at least 0, got -1. Correct weightDecay.",
    ],
    [
      "nesterov without momentum",
      () => sgd({ nesterov: true }),
      "sgd with nesterov: momentum must be a finite number, above 0 and below 1, got 0. Correct momentum.",
    ],
    [
      "beta2 of 1",
      () => adam({ beta2: 1 }),
      "adam: beta2 must be a finite number, at least 0 and below 1, got 1. Correct beta2.",
    ],
    [
      "epsilon of 0",
      () => adamW({ epsilon: 0 }),
      "adamW: epsilon must be a finite number, above 0, got 0. Correct epsilon.",
    ],
    [
      "clipping at 0",
      () => clipByGlobalNorm([kernel], 0),
      "clipByGlobalNorm: limit must be a finite number, above 0, got 0. Correct limit.",
    ],
    [
      "max-norm of NaN",
      () => maxNorm(kernel, Number.NaN),
      "maxNorm: limit must be a finite number, above 0, got NaN. Correct limit.",
    ],
  ])("refuse %s", (_, build, message) => {
    expect(build).toThrow(expect.objectContaining({ code: "config/range", message }));
  });
});
