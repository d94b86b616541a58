/** @file What counts states checks first: every label is one of them, or not known. */

import { DataError } from "../errors/index.ts";

/**
 * @param labels int32 [frames], −1 where the state is not known
 * @throws DataError "data/label-range" for a label that is neither a state nor −1
 */
export function assertStates(where: string, labels: Int32Array, states: number): void {
  const frame = labels.findIndex((label) => label < -1 || label >= states);
  if (frame < 0) return;
  const label = labels[frame]!; // found
  throw new DataError("data/label-range", {
    where,
    rule: `labels must be states, 0 … ${states - 1}, or -1 where the state is not known`,
    got: `${label} in frame ${frame}`,
    fix: "Label the frames with the states that the acoustic model names",
    details: { frame, label, states },
  });
}
