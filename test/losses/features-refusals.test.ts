/** @file Feature losses: what the registry says of each, and what they refuse. */

import { describe, expect, it } from "vitest";
import {
  attentionLoss,
  buildFeatureLoss,
  type FeatureLossSpec,
  featureLosses,
  gramLoss,
  graphLoss,
  hintLoss,
  relationLoss,
  similarityLoss,
} from "../../src/distill/losses/features/index.ts";
import { input, type Value } from "../../src/engine/graph/index.ts";
import type { Shape } from "../../src/engine/tensor/index.ts";

import { names } from "../support/feature-batches.ts";

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
      ["graph", 0.025, true, 1, false],
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
      "graphLoss: student and teacher must be features of the same batch, got [8, 4, 6, 6] and [7, 4]. Give both models the same samples.",
      "shape/mismatch",
      () => graphLoss(map, value([7, 4])),
    ],
    [
      "graphLoss, batchSize 8: neighbours must be an integer, at least 1 and below 8, got 8. Correct neighbours.",
      "config/range",
      () => graphLoss(map, map, { neighbours: 8 }),
    ],
    [
      "graphLoss, batchSize 8: neighbours must be an integer, at least 1 and below 8, got 2.5. Correct neighbours.",
      "config/range",
      () => buildFeatureLoss({ name: "graph", neighbours: 2.5 })([map], [map], {}),
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
      'feature loss: unknown loss "attenton". Did you mean "attention"? Valid: hint, attention, similarity, relation, graph, gram.',
      "config/unknown-name",
      // what JavaScript or a recipe may hold
      () => buildFeatureLoss({ name: "attenton" } as unknown as FeatureLossSpec),
    ],
  ])("%s", (message, code, build) => {
    expect(build).toThrow(expect.objectContaining({ code, message }));
  });
});
