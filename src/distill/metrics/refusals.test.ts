import { expect, test } from "vitest";
import {
  areaUnderRoc,
  bootstrapMean,
  calibration,
  pairedDifference,
  predictions,
  withBias,
} from "./index.ts";

const logits = Float32Array.of(1, 2, 5, 0);
const labels = Int32Array.of(1, 1);

test.each<[string, () => unknown, string]>([
  [
    "kinds that are fewer than scores",
    () => areaUnderRoc([1, 2, 3], [true, false]),
    "got 3 scores and 2 kinds",
  ],
  [
    "kinds that are more",
    () => areaUnderRoc([3, 2], [true, false, true]),
    "got 2 scores and 3 kinds",
  ],
  ["no bin", () => calibration(logits, labels, 0), "binCount must be an integer, at least 1"],
  [
    "a part of a bin",
    () => calibration(logits, labels, 1.5),
    "binCount must be an integer, at least 1",
  ],
  ["a bias of another length", () => withBias(logits, [1, 2, 3]), "got 4 numbers for rows of 3"],
  ["rows that are not whole", () => predictions(logits, 3), "got 4 numbers for rows of 3"],
  ["no class", () => predictions(logits, 0), "got 4 numbers for rows of 0"],
  ["what is no number", () => bootstrapMean([[1, Number.NaN, 0]]), "got NaN in seed 0"],
  [
    "nor in the second arm",
    () => pairedDifference([Uint8Array.of(1)], [[Number.NaN] as never]),
    "got NaN in seed 1",
  ],
])("refused: %s", (_, call, message) => {
  expect(call).toThrow(message);
});
