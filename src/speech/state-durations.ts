/** @file How long a state lasts. */

import { assertStates } from "../data/index.ts";

/**
 * Mean number of frames of each state's runs, for the decoder's moves. A state that does not occur
 * gets the mean over all runs, at least 2; one that is never seen for two frames on end counts as
 * if it had been once for as long, so that no state must be left after a frame.
 *
 * @param labels int32 [frames], of one recording after another; −1, not known, ends a run
 * @param lengths frames of each recording: a run does not go on into the next
 * @returns float64 [states], above 1
 * @throws DataError "data/label-range" for a label that is neither a state nor −1
 */
export function meanStateFrames(
  labels: Int32Array,
  lengths: readonly number[],
  states: number,
): Float64Array {
  assertStates("meanStateFrames", labels, states);
  const [frames, runs] = [new Float64Array(states), new Float64Array(states)];
  let at = 0;
  for (const length of lengths) {
    let before = -1;
    for (const end = at + length; at < end; at++) {
      const label = labels[at]!;
      if (label >= 0) {
        frames[label]! += 1;
        if (label !== before) runs[label]! += 1;
      }
      before = label;
    }
  }
  const sum = (list: Float64Array): number => list.reduce((total, x) => total + x, 0);
  const usual = Math.max(2, sum(frames) / Math.max(1, sum(runs)));
  return frames.map((count, state) => {
    const seen = runs[state]!;
    return count === seen ? (count + usual) / (seen + 1) : count / seen;
  });
}
