/**
 * @file Response-based losses against the reference implementations, in float64 and in ONNX
 * Runtime.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  distLoss,
  dkdLoss,
  hardLabelLoss,
  jensenShannonLoss,
  nkdLoss,
  reverseKlLoss,
  sigmoidTargetLoss,
  skewKlLoss,
  softTargetLoss,
  standardizeLogits,
  totalVariationLoss,
  virtualTeacherLoss,
  wsldLoss,
} from "../../src/distill/losses/index.ts";
import { add, mul } from "../../src/engine/ops/index.ts";
import { assertClose } from "../support/close.ts";
import {
  type Inputs,
  type LossOf,
  lossInFloat64,
  lossInRuntime,
  type Numbers,
} from "../support/gradient-graph.ts";

interface Case {
  readonly name: string;
  readonly shape: readonly number[];
  readonly student: readonly number[];
  readonly teacher: readonly number[];
  readonly labels?: readonly number[] | readonly (readonly number[])[];
  readonly loss: number;
  readonly gradient: readonly number[];
}

/** Both sides compute in float64, sums in another order. */
const float64 = { loss: 1e-10, gradient: { rtol: 1e-9, atol: 1e-10 } };
/** float32 rounds each step by 6e-8; gradients are differences of probabilities. */
const float32 = { loss: 1e-5, gradient: { rtol: 1e-4, atol: 1e-6 } };
/** In these, 72 · T² multiplies the rounding of float32. */
const scaledFloat32 = { loss: 1e-5, gradient: { rtol: 1e-4, atol: 2e-5 } };

const read = <T>(name: string): readonly T[] => {
  const url = new URL(`../golden/losses/${name}.json`, import.meta.url);
  // see scripts/golden
  return (JSON.parse(readFileSync(url, "utf8")) as { cases: readonly T[] }).cases;
};
const cases = read<Case>("response");

interface Expected {
  readonly loss: number;
  readonly gradient: Numbers;
}

async function compare(
  build: LossOf,
  inputs: Inputs,
  { loss, gradient }: Expected,
  runtime = float32,
): Promise<void> {
  for (const [where, result, tolerance] of [
    ["float64", lossInFloat64(build, inputs), float64],
    ["float32", await lossInRuntime(build, inputs), runtime],
  ] as const) {
    expect(Math.abs(result.loss / loss - 1), `loss in ${where}`).toBeLessThan(tolerance.loss);
    assertClose(`gradient in ${where}`, result.gradients.student!, gradient, tolerance.gradient);
  }
}

function caseOf(name: string): Case {
  const found = cases.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no golden case "${name}"`);
  return found;
}

/** Logits of one batch of images. */
function imageInputs({ shape, student, teacher, labels }: Case): Inputs {
  return {
    student: { shape, data: student },
    teacher: { shape, data: teacher },
    ...(labels === undefined
      ? {}
      : // a flat list there
        { labels: { shape: [shape[0]!], data: labels as readonly number[], int32: true } }),
  };
}

/** Logits of tokens: [2, 3, 11] becomes a batch of six, and tokens without label weigh nothing. */
function tokenInputs({ shape: [batch, length, classes], student, teacher, labels }: Case): Inputs {
  const shape = [batch! * length!, classes!];
  // a matrix there
  const kept = (labels as readonly (readonly number[])[]).flat().map((label) => label !== -100);
  const each = 1 / kept.filter(Boolean).length;
  return {
    student: { shape, data: student },
    teacher: { shape, data: teacher },
    weights: { shape: [shape[0]!], data: kept.map((is) => (is ? each : 0)) },
  };
}

/**
 * Entropy of the teacher, averaged with the tokens' weights: what the authors' code leaves out of
 * KL.
 */
function teacherEntropy({ teacher, weights }: Inputs): number {
  const [rows, classes] = teacher!.shape;
  const data = Array.from(teacher!.data);
  return Array.from({ length: rows! }, (_, row) => {
    const z = data.slice(row * classes!, (row + 1) * classes!);
    const total = z.reduce((sum, x) => sum + Math.exp(x), 0);
    const entropy = z.reduce(
      (sum, x) => sum - (Math.exp(x) / total) * Math.log(Math.exp(x) / total),
      0,
    );
    return entropy * weights!.data[row]!;
  }).reduce((a, b) => a + b);
}

const images: readonly (readonly [name: string, build: LossOf, runtime?: typeof float32])[] = [
  ["KD_T4", ({ student, teacher }) => softTargetLoss(student!, teacher!)],
  [
    "DKD_a1_b8_T4",
    ({ student, teacher, labels }) => dkdLoss(student!, teacher!, labels!),
    scaledFloat32,
  ],
  [
    "DKD_a1_b2_T4",
    ({ student, teacher, labels }) => dkdLoss(student!, teacher!, labels!, { beta: 2 }),
  ],
  ["DIST_b1_g1_T4", ({ student, teacher }) => distLoss(student!, teacher!), scaledFloat32],
  ["DIST_b1_g1_T1", ({ student, teacher }) => distLoss(student!, teacher!, { temperature: 1 })],
  [
    "LSKD_T2",
    ({ student, teacher }) =>
      softTargetLoss(standardizeLogits(student!), standardizeLogits(teacher!), { temperature: 2 }),
  ],
  [
    "LSKD+DKD_a9_b72_T2",
    ({ student, teacher, labels }) =>
      dkdLoss(standardizeLogits(student!), standardizeLogits(teacher!), labels!, {
        alpha: 9,
        beta: 72,
        temperature: 2,
      }),
    scaledFloat32,
  ],
  [
    "TfKD_loss_kd_mean_reduction", // divides the KL by the classes as well
    ({ student, teacher, labels }) =>
      add(
        mul(hardLabelLoss(student!, labels!), 0.1),
        mul(softTargetLoss(student!, teacher!, { temperature: 20 }), 0.9 / 10),
      ),
  ],
  [
    "TfKD_reg_a0.1_T20", // divides the KL by the classes as well
    ({ student, labels }) =>
      add(
        mul(hardLabelLoss(student!, labels!), 0.9),
        mul(virtualTeacherLoss(student!, labels!), 0.1 / 10),
      ),
  ],
  [
    "LSR_0.1_over_C-1",
    ({ student, labels }) =>
      hardLabelLoss(student!, labels!, { labelSmoothing: 0.1, smoothedClasses: "others" }),
  ],
];

describe("losses on images", () => {
  for (const [name, build, runtime] of images)
    it(name, async () => {
      const golden = caseOf(name);
      const gradient = { shape: golden.shape, data: golden.gradient };
      await compare(build, imageInputs(golden), { loss: golden.loss, gradient }, runtime);
    });
});

const tokens: readonly (readonly [name: string, build: LossOf, withoutEntropy?: boolean])[] = [
  ...[0, 0.1, 0.5, 0.9, 1].map(
    (beta) =>
      [
        `GKD_JSD_beta${beta}`,
        ({ student, teacher, weights: sampleWeights }: Parameters<LossOf>[0]) =>
          jensenShannonLoss(student!, teacher!, { beta, sampleWeights }),
      ] as const,
  ),
  [
    "DistiLLM_forward_kl",
    ({ student, teacher, weights: sampleWeights }) =>
      softTargetLoss(student!, teacher!, { temperature: 1, sampleWeights }),
    true,
  ],
  [
    "DistiLLM_reverse_kl",
    ({ student, teacher, weights: sampleWeights }) =>
      reverseKlLoss(student!, teacher!, { sampleWeights }),
  ],
  [
    "DistiLLM_tv_distance",
    ({ student, teacher, weights: sampleWeights }) =>
      totalVariationLoss(student!, teacher!, { sampleWeights }),
  ],
  [
    "DistiLLM_skewed_forward_kl",
    ({ student, teacher, weights: sampleWeights }) =>
      skewKlLoss(student!, teacher!, { sampleWeights }),
    true,
  ],
  [
    "DistiLLM_skewed_reverse_kl",
    ({ student, teacher, weights: sampleWeights }) =>
      skewKlLoss(student!, teacher!, { direction: "reverse", sampleWeights }),
  ],
];

describe("losses on tokens", () => {
  for (const [name, build, withoutEntropy = false] of tokens)
    it(name, async () => {
      const golden = caseOf(name);
      const inputs = tokenInputs(golden);
      const gradient = { shape: inputs.student!.shape, data: golden.gradient };
      const loss = withoutEntropy ? golden.loss - teacherEntropy(inputs) : golden.loss;
      await compare(build, inputs, { loss, gradient });
    });
});

it("uses every golden case", () => {
  const used = [...images, ...tokens].map(([name]) => name);
  expect(used.sort()).toEqual(cases.map(({ name }) => name).sort());
});

interface ExtraCase {
  readonly name: string;
  readonly loss: number;
  readonly student: Numbers;
  readonly teacher?: Numbers;
  readonly weights?: Numbers;
  readonly labels?: Numbers;
  readonly gradient: Numbers;
}

describe("what the reference implementations leave out", () => {
  const builds: Readonly<Record<string, LossOf>> = {
    weights: ({ student, teacher, weights: sampleWeights }) =>
      softTargetLoss(student!, teacher!, { temperature: 3, sampleWeights }),
    "label smoothing over all classes": ({ student, labels }) =>
      hardLabelLoss(student!, labels!, { labelSmoothing: 0.1 }),
    arithmetic: ({ student, teacher }) =>
      softTargetLoss(student!, teacher!, { temperature: 3, ensembleMean: "arithmetic" }),
    geometric: ({ student, teacher }) =>
      softTargetLoss(student!, teacher!, { temperature: 3, ensembleMean: "geometric" }),
    nkd: ({ student, teacher, labels }) => nkdLoss(student!, teacher!, labels!),
    "nkd at T = 4": ({ student, teacher, labels, weights: sampleWeights }) =>
      nkdLoss(student!, teacher!, labels!, { gamma: 2, temperature: 4, sampleWeights }),
    wsld: ({ student, teacher, labels }) => wsldLoss(student!, teacher!, labels!),
    sigmoid: ({ student, teacher }) => sigmoidTargetLoss(student!, teacher!, { temperature: 3 }),
    "sigmoid arithmetic": ({ student, teacher }) =>
      sigmoidTargetLoss(student!, teacher!, { temperature: 3, ensembleMean: "arithmetic" }),
    "sigmoid geometric": ({ student, teacher }) =>
      sigmoidTargetLoss(student!, teacher!, { temperature: 3, ensembleMean: "geometric" }),
  };

  it.each(read<ExtraCase>("response-extra"))("$name", async (golden) => {
    const { student, teacher, weights, labels } = golden;
    await compare(
      builds[golden.name]!,
      {
        student,
        ...(teacher && { teacher }),
        ...(weights && { weights }),
        ...(labels && { labels: { ...labels, int32: true } }),
      },
      golden,
    );
  });
});
