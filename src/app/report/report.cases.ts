/**
 * @file A made-up distillation run for the report's tests: logits are labels plus noise, so
 * accuracies are near a target.
 */

import { randomStream } from "../../engine/tensor/index.ts";
import type { ArmInput, ArmName, CurvePoint, ReportInput } from "./input.ts";

const classNames = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const classes = classNames.length;

/**
 * float32 [labels, classes]: right where a draw is below `accuracy`, more sure of itself by
 * `sureness`.
 */
export function madeUpLogits(
  labels: Int32Array,
  accuracy: number,
  sureness: number,
  ...key: readonly (string | number)[]
): Float32Array {
  const stream = randomStream(...key);
  const logits = new Float32Array(labels.length * classes);
  labels.forEach((label, sample) => {
    for (let c = 0; c < classes; c++) logits[sample * classes + c] = stream.normal();
    const right = stream.uniform() < accuracy;
    const named = right ? label : (label + 1 + stream.integer(classes - 1)) % classes;
    logits[sample * classes + named]! += 3.5 + sureness * stream.uniform();
  });
  return logits;
}

function curve(best: number, speed: number, soft: boolean, seed: number): readonly CurvePoint[] {
  const stream = randomStream(seed, "curve", best * 1000);
  return Array.from({ length: 20 }, (_, i) => {
    const done = 1 - Math.exp(-(i + 1) * speed);
    const hard = 2.3 - 2.2 * done + 0.03 * stream.normal();
    return {
      epoch: i + 1,
      validationAccuracy: Math.min(1, 0.1 + (best - 0.1) * done + 0.003 * stream.normal()),
      validationLoss: Math.abs(2.3 - 2.1 * done + 0.04 * stream.normal()),
      train: soft ? { hardLabel: hard, softTarget: 6 - 5.5 * done } : { hardLabel: hard },
      seconds: 0.8 + 0.05 * stream.uniform(),
    };
  });
}

function arm(
  name: ArmName,
  accuracy: number,
  seeds: readonly number[],
  labels: Int32Array,
): ArmInput {
  const speed = name === "distilled" ? 0.5 : 0.3;
  return {
    arm: name,
    name: "mlp 196-32-10",
    description: `A multilayer perceptron, arm "${name}".`,
    summary: {
      name: "mlp 196-32-10",
      layers: [
        { name: "flatten", kind: "flatten", outputShape: "[196]", parameters: 0, macs: 0 },
        { name: "hidden1", kind: "dense", outputShape: "[32]", parameters: 6304, macs: 6272 },
        { name: "output", kind: "dense", outputShape: "[10]", parameters: 330, macs: 320 },
      ],
      parameters: 6634,
      macs: 6592,
    },
    parameters: 6634,
    macs: 6592,
    bytes: 27_412,
    tuning: {
      trials: [0.0003, 0.001, 0.003].map((learningRate, i) => ({
        settings: { learningRate, ...(name === "distilled" ? { temperature: 4 } : {}) },
        validationAccuracy: accuracy - 0.01 + 0.004 * i,
      })),
      chosen: 2,
    },
    perSeed: seeds.map((seed) => ({
      seed,
      testLogits: madeUpLogits(labels, accuracy, 2, name, seed),
      curve: curve(accuracy, speed, name === "distilled", seed),
      latencyMs: { p50: 0.021 + 0.0004 * seed, p95: 0.033 },
    })),
  };
}

function digitPixels(seed: number): Uint8Array {
  const stream = randomStream(seed, "pixels");
  const x0 = 4 + stream.integer(6);
  return Uint8Array.from({ length: 196 }, (_, i) => {
    const near = Math.abs((i % 14) - x0 - Math.sin(i / 40) * 3);
    return near < 2.2 && i > 20 && i < 176 ? Math.round(255 - 90 * near) : 0;
  });
}

/** A whole run: five seeds, 500 test samples, distilled better than scratch. */
export function madeUpRun(seeds: readonly number[] = [1, 2, 3, 4, 5], samples = 500): ReportInput {
  const labels = Int32Array.from({ length: samples }, (_, i) => i % classes);
  const runs = (["distilled", "scratch"] as const).flatMap((name) =>
    seeds.map((seed) => ({
      arm: name,
      seed,
      learningRate: 0.003,
      ...convergenceCurve(name, seed),
    })),
  );
  const distilled = arm("distilled", 0.955, seeds, labels);
  return {
    title: "Digits, from a wide perceptron to a narrow one",
    createdBy: {
      version: "0.1.0",
      runtime: "onnxruntime-node",
      runtimeVersion: "1.30.0",
      threads: 2,
      node: "20.20.2",
      cpu: "Example CPU",
    },
    recipe: { data: "digits", student: { family: "mlp", hidden: [32] }, temperature: 4 },
    commandLine: "potstill distill recipes/digits.yaml",
    data: {
      name: "digits",
      hash: "5d7f0c6e5b8a4c1f9e2d3b4a59687786a5b4c3d2e1f00f1e2d3c4b5a69788796",
      sampleShape: [1, 14, 14],
      classNames,
      trainSize: 4000,
      validationSize: 1000,
      testSize: samples,
      transferSize: 8000,
      unlabelledCount: 4000,
    },
    seeds,
    seedVaries:
      "A seed changes the initial weights, the order of the samples and the dropout masks.",
    teacher: {
      name: "mlp 196-800-800-10",
      description: "Trained on the same split with dropout and shifts.",
      summary: {
        name: "mlp 196-800-800-10",
        layers: [
          { name: "flatten", kind: "flatten", outputShape: "[196]", parameters: 0, macs: 0 },
          {
            name: "hidden1",
            kind: "dense",
            outputShape: "[800]",
            parameters: 157600,
            macs: 156800,
          },
          {
            name: "hidden2",
            kind: "dense",
            outputShape: "[800]",
            parameters: 640800,
            macs: 640000,
          },
          { name: "output", kind: "dense", outputShape: "[10]", parameters: 8010, macs: 8000 },
        ],
        parameters: 806_410,
        macs: 804_800,
      },
      parameters: 806_410,
      macs: 804_800,
      bytes: 3_226_514,
      testLogits: [madeUpLogits(labels, 0.98, 3, "teacher")],
      latencyMs: { p50: 0.112, p95: 0.171 },
    },
    arms: [
      distilled,
      arm("scratch", 0.92, seeds, labels),
      arm("scratchAugmented", 0.945, seeds, labels),
      arm("scratchSmoothed", 0.93, seeds, labels),
    ],
    testLabels: labels,
    softLabels: [
      {
        precision: "float32",
        bytes: 320_000,
        studentAccuracy: 0.9552,
        studentKlNats: 0.0454,
        klNats: 0,
      },
      {
        precision: "float16",
        bytes: 160_000,
        studentAccuracy: 0.9552,
        studentKlNats: 0.0454,
        klNats: 2.1e-7,
      },
      {
        precision: "uint8",
        bytes: 80_000,
        studentAccuracy: 0.9546,
        studentKlNats: 0.0461,
        klNats: 0.00041,
      },
    ],
    convergence: { runs, labellingSeconds: 1.4 },
    explorer: Array.from({ length: 8 }, (_, i) => ({
      pixels: digitPixels(i),
      shape: [1, 14, 14],
      label: i === 7 ? -1 : i,
      teacherLogits: madeUpLogits(Int32Array.of(i), 1, 6, "explorer", i),
    })),
    selfChecks: [
      {
        id: "J1",
        name: "teacher and student not swapped",
        passed: true,
        detail: "806410 > 6634 parameters",
      },
      {
        id: "J7",
        name: "T² present",
        passed: true,
        detail: "gradient ratio 0.998 between T = 4 and T = 8",
      },
      {
        id: "J9",
        name: "several seeds",
        passed: seeds.length > 1,
        detail: `${seeds.length} seeds`,
      },
    ],
    exports: [
      {
        file: "student.onnx",
        format: "onnx, opset 21",
        bytes: 27_412,
        parity: "largest difference 3.1e-7 on the validation split, same class for all samples",
      },
    ],
    notes: [],
  };
}

function convergenceCurve(
  name: ArmName,
  seed: number,
): { validationAccuracy: readonly number[]; epochSeconds: readonly number[] } {
  const points = curve(
    name === "distilled" ? 0.955 : 0.92,
    name === "distilled" ? 0.5 : 0.25,
    false,
    seed,
  );
  return {
    validationAccuracy: points.map(({ validationAccuracy }) => validationAccuracy),
    epochSeconds: points.map(({ seconds }) => seconds),
  };
}
