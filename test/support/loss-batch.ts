/** @file A small batch for tests of losses, and losses called on it. */

import type { LogitLoss } from "../../src/distill/losses/index.ts";
import { randomStream } from "../../src/engine/tensor/index.ts";
import type { Inputs, LossOf } from "./gradient-graph.ts";

/** Five samples, four classes; T = 3 and unequal weights that sum to 1. */
export function lossBatch(): Inputs {
  const { normal } = randomStream("losses", 1);
  const draw = (): number[] => Array.from({ length: 20 }, () => 3 * normal());
  return {
    student: { shape: [5, 4], data: draw() },
    teacher: { shape: [5, 4], data: draw() },
    labels: { shape: [5], data: [0, 3, 2, 2, 1], int32: true },
    temperature: { shape: [], data: [3] },
    sampleWeights: { shape: [5], data: [0.3, 0.1, 0.2, 0.15, 0.25] },
  };
}

/** @returns the loss on inputs of the names that `lossBatch` uses */
export function onBatch(loss: LogitLoss): LossOf {
  return ({ student, teacher, labels, temperature, sampleWeights }) =>
    loss(student!, teacher!, { temperature: temperature!, labels, sampleWeights });
}
