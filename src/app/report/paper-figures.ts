/**
 * @file What Hinton, Vinyals and Dean (2015), arXiv:1503.02531, report for experiments that a
 * recipe can repeat: to stand beside, not to be compared number by number. Data and sizes differ.
 */

import type { PaperExperiment, TransferSystem } from "../../distill/index.ts";

/** Shares in 0 … 1. */
export interface PaperFigure {
  readonly accuracy: number;
  readonly trainAccuracy?: number;
  readonly withheldAccuracy?: number;
  /** in the paper's words */
  readonly note: string;
}

type Figures = Readonly<Partial<Record<`${TransferSystem}${"" | "/corrected"}`, PaperFigure>>>;

/** What the experiment was on, in a sentence. */
export const paperSources: Readonly<Record<PaperExperiment, string>> = {
  "without-3": "MNIST, 10,000 test samples, students of 2 × 800 units (section 3)",
  "only-7-and-8": "MNIST, 10,000 test samples, students of 2 × 800 units (section 3)",
  "three-percent": "speech frames, 8 × 2560 units, 14,000 classes (section 6, Table 5)",
};

const figures: Readonly<Record<PaperExperiment, Figures>> = {
  "without-3": {
    distilled: {
      accuracy: 1 - 206 / 10_000,
      withheldAccuracy: 1 - 133 / 1010,
      note: "206 errors, 133 of them on the 1010 3s",
    },
    "distilled/corrected": {
      accuracy: 1 - 109 / 10_000,
      withheldAccuracy: 1 - 14 / 1010,
      note: "109 errors, 14 of them on 3s; bias +3.5, chosen on the test set",
    },
  },
  "only-7-and-8": {
    distilled: { accuracy: 1 - 0.473, note: "47.3 % errors" },
    "distilled/corrected": {
      accuracy: 1 - 0.132,
      note: "13.2 % errors; biases of 7 and 8 lowered by 7.6, chosen on the test set",
    },
  },
  "three-percent": {
    whole: { trainAccuracy: 0.634, accuracy: 0.589, note: "hard targets, 100 %" },
    scratch: { trainAccuracy: 0.673, accuracy: 0.445, note: "hard targets, 3 %, early stopping" },
    distilled: { trainAccuracy: 0.654, accuracy: 0.57, note: "soft targets, 3 %, converged" },
  },
};

/** @returns the paper's figure for a kind of student, or null if it has none */
export function paperFigure(
  experiment: PaperExperiment,
  system: TransferSystem,
  isCorrected: boolean,
): PaperFigure | null {
  return figures[experiment][`${system}${isCorrected ? "/corrected" : ""}` as const] ?? null;
}
