/**
 * @file Feature losses: golden values in float64 and in ONNX Runtime, what must be true of each,
 * batches in which samples or maps coincide, and what they refuse.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gradients } from "../../src/autodiff/index.ts";
import { input, topologicalOrder, type Value } from "../../src/graph/index.ts";
import {
  attentionLoss,
  buildFeatureLoss,
  type FeatureLossName,
  type FeatureLossSpec,
  featureLosses,
  gramLoss,
  hintLoss,
  relationLoss,
  similarityLoss,
} from "../../src/losses/features/index.ts";
import { elementCount, randomStream, type Shape } from "../../src/tensor/index.ts";
import { wrongDerivative } from "../support/central-differences.ts";
import { assertClose } from "../support/close.ts";
import {
  type Inputs,
  type LossAndGradients,
  type LossOf,
  lossInFloat64,
  lossInRuntime,
  type Numbers,
} from "../support/gradient-graph.ts";

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

/** @returns layers as inputs: student0, student1, teacher0, … */
function inputsOf(student: readonly Numbers[], teacher: readonly Numbers[]): Inputs {
  const named = (model: string, layers: readonly Numbers[]) =>
    layers.map((layer, index) => [`${model}${index}`, layer] as const);
  return Object.fromEntries([...named("student", student), ...named("teacher", teacher)]);
}

/** @returns the loss on inputs of the names above, and "weights" if they are there */
function onLayers(spec: FeatureLossSpec): LossOf {
  return (inputs) => {
    const layersOf = (model: string): Value[] =>
      [0, 1].flatMap((index) => inputs[`${model}${index}`] ?? []);
    const context = { sampleWeights: inputs.weights };
    return buildFeatureLoss(spec)(layersOf("student"), layersOf("teacher"), context);
  };
}

const studentNames = (inputs: Inputs): string[] =>
  Object.keys(inputs).filter((name) => name.startsWith("student"));
const exactly = (spec: FeatureLossSpec, inputs: Inputs): LossAndGradients =>
  lossInFloat64(onLayers(spec), inputs, studentNames(inputs));
const inRuntime = (spec: FeatureLossSpec, inputs: Inputs): Promise<LossAndGradients> =>
  lossInRuntime(onLayers(spec), inputs, studentNames(inputs));
const lossOn = (spec: FeatureLossSpec, inputs: Inputs): number => exactly(spec, inputs).loss;
const allFinite = ({ loss, gradients: derived }: LossAndGradients): boolean =>
  [loss, ...Object.values(derived).flatMap(({ data }) => [...data])].every(Number.isFinite);

const relation = { name: "relation" } as const;
const distances = { name: "relation", distanceWeight: 1, angleWeight: 0 } as const;
const angles = { name: "relation", distanceWeight: 0, angleWeight: 1 } as const;

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

/** What each loss is tried on: sizes of a sample's features, layer by layer. */
const sizes: Readonly<Record<FeatureLossName, Readonly<Record<"student" | "teacher", Shape[]>>>> = {
  hint: { student: [[2, 3]], teacher: [[2, 3]] },
  attention: { student: [[3, 4, 2]], teacher: [[2, 2, 2]] },
  similarity: { student: [[2, 3]], teacher: [[4]] },
  relation: { student: [[5]], teacher: [[2, 2, 2]] },
  gram: {
    student: [
      [2, 4, 2],
      [3, 2, 2],
    ],
    teacher: [
      [2, 2, 2],
      [3, 2, 1],
    ],
  },
};

function drawn(shape: Shape, seed: number): Numbers {
  const { normal } = randomStream("features", seed);
  return { shape, data: Array.from({ length: elementCount(shape) }, normal) };
}

function batchFor(name: FeatureLossName, batch: number): Inputs {
  const layers = (model: "student" | "teacher", first: number): Numbers[] =>
    sizes[name][model].map((size, index) => drawn([batch, ...size], first + index));
  return inputsOf(layers("student", 1), layers("teacher", 3));
}

/** Rows of a tensor by their position; a negative one is a row of noise, far from all others. */
function rowsAt({ shape, data }: Numbers, positions: readonly number[]): Numbers {
  const size = elementCount(shape.slice(1));
  const noise = Array.from(drawn([size], 99).data, (x) => 1e4 * x);
  const values = Array.from(data);
  return {
    shape: [positions.length, ...shape.slice(1)],
    data: positions.flatMap((row) =>
      row < 0 ? noise : values.slice(row * size, (row + 1) * size),
    ),
  };
}

const mapped = (inputs: Inputs, change: (layer: Numbers) => Numbers): Inputs =>
  Object.fromEntries(Object.entries(inputs).map(([name, layer]) => [name, change(layer)]));

const names = Object.keys(featureLosses) as FeatureLossName[]; // its keys are the names

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

describe("invariances", () => {
  const scaled = ({ shape, data }: Numbers, by: (row: number) => number): Numbers => {
    const row = elementCount(shape.slice(1));
    return { shape, data: Array.from(data, (x, i) => x * by(Math.floor(i / row))) };
  };
  /** Reflects each row twice, which turns it. */
  const turned = ({ shape, data }: Numbers): Numbers => {
    const width = elementCount(shape.slice(1));
    const rows = Array.from({ length: shape[0]! }, (_, row) =>
      Array.from(data).slice(row * width, (row + 1) * width),
    );
    const reflected = [71, 72].reduce((points, seed) => {
      const axis = Array.from(drawn([width], seed).data);
      const square = axis.reduce((sum, x) => sum + x * x, 0);
      return points.map((point) => {
        const along = (2 * point.reduce((sum, x, i) => sum + x * axis[i]!, 0)) / square;
        return point.map((x, i) => x - along * axis[i]!);
      });
    }, rows);
    return { shape, data: reflected.flat() };
  };
  const expectSame = (spec: FeatureLossSpec, change: (layer: Numbers) => Numbers): void => {
    const inputs = batchFor(spec.name, 5);
    const changed = { ...inputs, student0: change(inputs.student0!) };
    expect(lossOn(spec, changed)).toBeCloseTo(lossOn(spec, inputs), 12);
  };

  it("attention does not mind a factor on a sample, nor the order of channels", () => {
    expectSame({ name: "attention" }, (layer) => scaled(layer, (row) => 0.5 + row));
    expectSame({ name: "attention" }, ({ shape, data }) => {
      const [, channels, height, width] = shape;
      const size = height! * width!;
      const from = (i: number): number => {
        const channel = Math.floor(i / size) % channels!;
        return i + (((channel + 1) % channels!) - channel) * size;
      };
      return { shape, data: Array.from(data, (_, i) => data[from(i)]!) };
    });
  });

  it("similarity does not mind a rotation, nor one factor on all features", () => {
    expectSame({ name: "similarity" }, turned);
    expectSame({ name: "similarity" }, (layer) => scaled(layer, () => 7));
  });

  it.each([distances, angles])("%o does not mind rotation, factor and shift", (spec) => {
    expectSame(spec, turned);
    expectSame(spec, (layer) => scaled(layer, () => 7));
    expectSame(spec, ({ shape, data }) => ({
      shape,
      data: Array.from(data, (x, i) => x + (i % 5) - 1),
    }));
  });

  it("relation is the sum of its weighted terms", () => {
    const inputs = batchFor("relation", 5);
    const sum = 25 * lossOn(distances, inputs) + 50 * lossOn(angles, inputs);
    expect(lossOn(relation, inputs)).toBeCloseTo(sum, 10);
  });

  it.each([
    [distances, [[5, 5]]],
    [angles, [[5, 5, 5]]],
  ])("%o builds nothing of the other term", (spec, shapes) => {
    const x = input("x", "float32", [5, 2]);
    const built = topologicalOrder([buildFeatureLoss(spec)([x], [x], {})]);
    const differences = built.filter(({ op }) => op === "clip"); // of smooth L1
    expect(differences.map(({ shape }) => shape)).toEqual(shapes);
  });

  it("weights enter relations twice and three times", () => {
    const inputs = batchFor("relation", 5);
    const half = { ...inputs, weights: { shape: [5], data: [0.1, 0.1, 0.1, 0.1, 0.1] } };
    expect(lossOn(distances, half) / lossOn(distances, inputs)).toBeCloseTo(1 / 4, 12);
    expect(lossOn(angles, half) / lossOn(angles, inputs)).toBeCloseTo(1 / 8, 12);
  });
});

describe("equal samples in a batch", () => {
  /** 512 features far from 0; float32's inner products know them to 1e-7 of that distance. */
  const wide = (pattern: readonly number[]): Inputs => {
    const offset = ({ shape, data }: Numbers): Numbers => ({
      shape,
      data: Array.from(data, (x) => Math.fround(x + 100)),
    });
    const [student, teacher] = [offset(drawn([4, 512], 5)), offset(drawn([4, 300], 6))];
    return inputsOf([rowsAt(student, pattern)], [rowsAt(teacher, [0, 1, 2, 3, 1, 0])]);
  };

  it.each([
    ["two pairs", [0, 1, 2, 3, 0, 0]],
    ["nothing else", [0, 0, 0, 0, 0, 0]],
    ["the teacher's own", [0, 1, 2, 3, 1, 0]],
  ])("%s: float32 gives the gradient of float64, of ordinary size", async (_, pattern) => {
    const inputs = wide(pattern);
    const exact = exactly(relation, inputs);
    const run = await inRuntime(relation, inputs);
    expect(allFinite(exact)).toBe(true);
    expect(Math.abs(run.loss - exact.loss)).toBeLessThan(1e-4);
    const few = { rtol: 1e-3, atol: 1e-5 }; // sums of 512 products, times 50
    assertClose("gradient", run.gradients.student0!, exact.gradients.student0!, few);
    expect(Math.max(...Array.from(exact.gradients.student0!.data, Math.abs))).toBeLessThan(10);
  });

  it("samples that almost coincide count as one, with a bounded gradient", () => {
    const [student, teacher] = [drawn([4, 8], 5), drawn([4, 8], 6)];
    const nearly = (by: number): Inputs => {
      const { shape, data } = rowsAt(student, [0, 1, 2, 3, 0]);
      const moved = Array.from(data, (x, i) => (i >= 32 ? x + by : x));
      return inputsOf([{ shape, data: moved }], [rowsAt(teacher, [0, 1, 2, 3, 2])]);
    };
    const equal = lossOn(relation, nearly(0));
    expect(Math.abs(lossOn(relation, nearly(1e-6)) - equal)).toBeLessThan(1e-4);
    for (const by of [1e-12, 1e-6, 1e-4, 1e-3, 1e-2]) {
      const { data } = exactly(relation, nearly(by)).gradients.student0!;
      expect(Math.max(...Array.from(data, Math.abs))).toBeLessThan(1000);
    }
  });
});

describe("the registry", () => {
  it("says what each loss needs", () => {
    const table = names.map((name) => {
      const { defaultWeight, relatesSamples, layers, ofMaps } = featureLosses[name];
      return [name, defaultWeight, relatesSamples, layers, ofMaps];
    });
    expect(table).toEqual([
      ["hint", 0.1, false, 1, false],
      ["attention", 1, false, 1, true],
      ["similarity", 3, true, 1, false],
      ["relation", 1, true, 1, false],
      ["gram", 0.05, false, 2, true],
    ]);
  });
});

describe("refusals", () => {
  const value = (shape: Shape): Value => input("x", "float32", shape);
  const map = value([8, 4, 6, 6]);

  it.each([
    [
      "hintLoss: student and teacher must have the same shape, got [8, 4, 6, 6] and [8, 5, 6, 6]. Make the shapes agree.",
      "shape/mismatch",
      () => hintLoss(map, value([8, 5, 6, 6])),
    ],
    [
      "hintLoss: student and teacher must be features [batch, ...] of at least two axes, got [8] and [8]. Give a layer's output for a batch of samples.",
      "shape/rank",
      () => hintLoss(value([8]), value([8])),
    ],
    [
      "similarityLoss: student and teacher must be features of the same batch, got [8, 4, 6, 6] and [7, 4]. Give both models the same samples.",
      "shape/mismatch",
      () => similarityLoss(map, value([7, 4])),
    ],
    [
      "relationLoss: student and teacher must be features of the same batch, got [8, 4] and [7, 4]. Give both models the same samples.",
      "shape/mismatch",
      () => relationLoss(value([8, 4]), value([7, 4])),
    ],
    [
      "relationLoss: perSample and sampleWeights must have the same shape, got [8] and [7]. Make the shapes agree.",
      "shape/mismatch",
      () => relationLoss(map, map, { sampleWeights: value([7]) }),
    ],
    [
      "attentionLoss: student and teacher must be maps [batch, channels, height, width] or [batch, channels, length], got [8, 4] and [8, 4]. Choose layers whose output has positions, such as convolutions.",
      "shape/rank",
      () => attentionLoss(value([8, 4]), value([8, 4])),
    ],
    [
      "attentionLoss: student and teacher must be maps of the same batch, with as many axes, got [8, 4, 6, 6] and [8, 4, 6]. Choose layers of the same kind, and give both models the same samples.",
      "shape/mismatch",
      () => attentionLoss(map, value([8, 4, 6])),
    ],
    [
      "attentionLoss: student and teacher must have sizes of which the larger is a multiple of the smaller, got [8, 4, 6, 6] and [8, 4, 3, 4]. Choose layers whose strides multiply to the same number, or pad the larger map.",
      "shape/mismatch",
      () => attentionLoss(map, value([8, 4, 3, 4])),
    ],
    [
      "attentionLoss: maps must share two positions or more: where there is one, all attention is on it, got [8, 4, 6, 6] and [8, 4, 1, 1]. Choose layers before the pooling that leaves one position.",
      "shape/positions",
      () => attentionLoss(map, value([8, 4, 1, 1])),
    ],
    [
      "gramLoss: teacher's first and teacher's second must have sizes of which the larger is a multiple of the smaller, got [8, 4, 6, 6] and [8, 4, 4, 4]. Choose layers whose strides multiply to the same number, or pad the larger map.",
      "shape/mismatch",
      () => gramLoss([map, map], [map, value([8, 4, 4, 4])]),
    ],
    [
      "gramLoss: student and teacher must have the same [batch, channels of the first layer, channels of the second], got [8, 4, 4] and [8, 4, 5]. Choose layers of the same widths, or bring the student's to the teacher's first.",
      "shape/mismatch",
      () => gramLoss([map, map], [map, value([8, 5, 3, 3])]),
    ],
    [
      "relationLoss: distanceWeight must be a finite number, at least 0, got -1. Correct distanceWeight.",
      "config/range",
      () => relationLoss(map, map, { distanceWeight: -1 }),
    ],
    [
      "relationLoss: angleWeight must be a finite number, at least 0, got Infinity. Correct angleWeight.",
      "config/range",
      () => relationLoss(map, map, { angleWeight: Number.POSITIVE_INFINITY }),
    ],
    [
      "relationLoss: distanceWeight or angleWeight must be above 0, got 0 and 0. Leave the loss out instead.",
      "config/range",
      () => relationLoss(map, map, { distanceWeight: 0, angleWeight: 0 }),
    ],
    [
      'feature loss "gram": it takes two layers of each model, got 1 of the student and 2 of the teacher. Name two of each.',
      "shape/operands",
      () => buildFeatureLoss({ name: "gram" })([map], [map, map], {}),
    ],
    [
      'feature loss "hint": it takes one layer of each model, got 2 of the student and 2 of the teacher. Name one of each.',
      "shape/operands",
      () => buildFeatureLoss({ name: "hint" })([map, map], [map, map], {}),
    ],
    [
      'feature loss: unknown loss "attenton". Did you mean "attention"? Valid: hint, attention, similarity, relation, gram.',
      "config/unknown-name",
      // what JavaScript or a recipe may hold
      () => buildFeatureLoss({ name: "attenton" } as unknown as FeatureLossSpec),
    ],
  ])("%s", (message, code, build) => {
    expect(build).toThrow(expect.objectContaining({ code, message }));
  });
});
