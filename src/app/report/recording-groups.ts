/** @file The group of each recording, for intervals of what is counted by recording. */

import { type Dataset, wholeRecordings } from "../../data/index.ts";

/**
 * @returns the group of each recording, which is its frames', in the order of the frames; null
 *   without groups or recordings
 * @throws DataError "data/recordings" as wholeRecordings
 */
export function recordingGroups({
  groups,
  recordings,
}: Pick<Dataset, "groups" | "recordings">): readonly string[] | null {
  if (groups === null || recordings === undefined) return null;
  let next = 0;
  return wholeRecordings(recordings).map(({ frames }) => {
    const group = groups[next]!; // of its first frame
    next += frames;
    return group;
  });
}
