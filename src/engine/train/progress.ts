/** @file Where training stands: what it needs to go on as if it had never stopped. */

import type { EpochRecord } from "./events.ts";
import type { TrainState } from "./step-runner.ts";

/** The best epoch so far, by validation accuracy. */
interface BestEpoch {
  readonly epoch: number;
  readonly accuracy: number;
  /** parameters and statistics */
  readonly weights: TrainState;
}

/** Everything that training needs to go on as if it had never stopped. */
export interface Progress {
  /** steps done */
  readonly step: number;
  /** finished epochs */
  readonly history: readonly EpochRecord[];
  /** sums of each metric over the steps done in the current epoch */
  readonly epochSums: Readonly<Record<string, number>>;
  /** time spent on them */
  readonly epochSeconds: number;
  readonly best: BestEpoch | null;
  readonly state: TrainState;
}
