/** @file Feature losses on layers by name (student0, student1, teacher0), and batches for them. */

import {
  buildFeatureLoss,
  type FeatureLossName,
  type FeatureLossSpec,
  featureLosses,
} from "../../src/distill/losses/features/index.ts";
import type { Value } from "../../src/engine/graph/index.ts";
import { elementCount, randomStream, type Shape } from "../../src/engine/tensor/index.ts";
import {
  type Inputs,
  type LossAndGradients,
  type LossOf,
  lossInFloat64,
  lossInRuntime,
  type Numbers,
} from "./gradient-graph.ts";

/** @returns layers as inputs: student0, student1, teacher0, … */
export function inputsOf(student: readonly Numbers[], teacher: readonly Numbers[]): Inputs {
  const named = (model: string, layers: readonly Numbers[]) =>
    layers.map((layer, index) => [`${model}${index}`, layer] as const);
  return Object.fromEntries([...named("student", student), ...named("teacher", teacher)]);
}

/** @returns the loss on inputs of the names above, and "weights" if they are there */
export function onLayers(spec: FeatureLossSpec): LossOf {
  return (inputs) => {
    const layersOf = (model: string): Value[] =>
      [0, 1].flatMap((index) => inputs[`${model}${index}`] ?? []);
    const context = { sampleWeights: inputs.weights };
    return buildFeatureLoss(spec)(layersOf("student"), layersOf("teacher"), context);
  };
}

export const studentNames = (inputs: Inputs): string[] =>
  Object.keys(inputs).filter((name) => name.startsWith("student"));
export const exactly = (spec: FeatureLossSpec, inputs: Inputs): LossAndGradients =>
  lossInFloat64(onLayers(spec), inputs, studentNames(inputs));
export const inRuntime = (spec: FeatureLossSpec, inputs: Inputs): Promise<LossAndGradients> =>
  lossInRuntime(onLayers(spec), inputs, studentNames(inputs));
export const lossOn = (spec: FeatureLossSpec, inputs: Inputs): number => exactly(spec, inputs).loss;
export const allFinite = ({ loss, gradients: derived }: LossAndGradients): boolean =>
  [loss, ...Object.values(derived).flatMap(({ data }) => [...data])].every(Number.isFinite);

export const relation = { name: "relation" } as const;
export const distances = { name: "relation", distanceWeight: 1, angleWeight: 0 } as const;
export const angles = { name: "relation", distanceWeight: 0, angleWeight: 1 } as const;

/** What each loss is tried on: sizes of a sample's features, layer by layer. */
export const sizes: Readonly<
  Record<FeatureLossName, Readonly<Record<"student" | "teacher", Shape[]>>>
> = {
  hint: { student: [[2, 3]], teacher: [[2, 3]] },
  attention: { student: [[3, 4, 2]], teacher: [[2, 2, 2]] },
  similarity: { student: [[2, 3]], teacher: [[4]] },
  relation: { student: [[5]], teacher: [[2, 2, 2]] },
  graph: { student: [[2, 3]], teacher: [[4]] },
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

export function drawn(shape: Shape, seed: number): Numbers {
  const { normal } = randomStream("features", seed);
  return { shape, data: Array.from({ length: elementCount(shape) }, normal) };
}

export function batchFor(name: FeatureLossName, batch: number): Inputs {
  const layers = (model: "student" | "teacher", first: number): Numbers[] =>
    sizes[name][model].map((size, index) => drawn([batch, ...size], first + index));
  return inputsOf(layers("student", 1), layers("teacher", 3));
}

/** Rows of a tensor by their position; a negative one is a row of noise, far from all others. */
export function rowsAt({ shape, data }: Numbers, positions: readonly number[]): Numbers {
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

export const mapped = (inputs: Inputs, change: (layer: Numbers) => Numbers): Inputs =>
  Object.fromEntries(Object.entries(inputs).map(([name, layer]) => [name, change(layer)]));

export const names = Object.keys(featureLosses) as FeatureLossName[]; // its keys are the names
