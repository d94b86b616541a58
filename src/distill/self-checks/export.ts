/**
 * @file J8: the exported file holds the student and nothing else, and computes what the trained
 * graph computes.
 */

import type { SelfCheck } from "../options.ts";
import { checkFailure, passed } from "./check.ts";

/** Numbers in a student's file that are no weights: shapes, axes, scales. */
const constants = 256;
/**
 * float32 logits of the same weights by another arrangement of the same sums, as a share of the
 * largest logit.
 */
const parityTolerance = 1e-3;

/**
 * @throws RunError "check/J8" if the file holds more tensors' elements than the student has weights
 */
export function assertStudentAlone(storedElements: number, weightElements: number): void {
  if (storedElements <= weightElements + constants) return;
  throw checkFailure("J8", {
    rule: `the file may hold the student's ${weightElements} weights and at most ${constants} constants`,
    got: `${storedElements} elements`,
    fix: "Export the student's own graph, without the teacher and without optimiser slots",
    details: { storedElements, weightElements },
  });
}

/**
 * @param file logits of the exported file, float32 [n, classes]; @param graph of the trained graph
 * @returns the largest difference
 * @throws RunError "check/J8"
 */
export function assertSameLogits(file: ArrayLike<number>, graph: Float32Array): number {
  let [difference, largest] = [0, 1];
  for (const [index, logit] of graph.entries()) {
    difference = Math.max(difference, Math.abs(logit - file[index]!)); // NaN if either is
    largest = Math.max(largest, Math.abs(logit));
  }
  if (difference <= parityTolerance * largest) return difference;
  throw checkFailure("J8", {
    rule: `the exported file's logits must be the trained graph's within ${parityTolerance} of the largest`,
    got: `a difference of ${difference} with logits up to ${largest}`,
    fix: "This is a fault in the export; please report it",
  });
}

/** J8, once both hold. */
export function noteExport(bytes: number, maxDifference: number): SelfCheck {
  return passed(
    "J8",
    `${bytes} bytes, logits within ${maxDifference.toExponential(1)} of the graph's`,
  );
}
