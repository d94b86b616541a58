/** @file That one number means the same in two data sets: text numbered, frames made alike. */

import { DataError } from "../errors/index.ts";
import { sameFrames } from "./audio/frame-encoding.ts";
import type { Dataset } from "./dataset.ts";

type Made = Pick<Dataset, "name" | "text" | "frames">;

/**
 * Where one side does not say how its samples were made, they may be made alike.
 *
 * @throws DataError "data/encoding" for tokens numbered otherwise, or frames of another context or
 *   standardisation
 */
export function assertMadeAlike(dataset: Made, like: Made): void {
  const refuse = (rule: string, field: "text" | "frames"): never => {
    throw new DataError("data/encoding", {
      where: dataset.name,
      rule: `${rule} as those of ${like.name}`,
      got: "otherwise",
      fix: `Load both in one call, or this one with the other's: loadData({…, encoding: other.${field}})`,
    });
  };
  const tokens = ({ text }: Made): string | undefined => text?.vocabulary.join("\n");
  if (dataset.text && like.text && tokens(dataset) !== tokens(like))
    refuse("its tokens must be numbered", "text");
  if (!sameFrames(dataset.frames, like.frames))
    refuse("its frames must have the context, and be standardised by the means,", "frames");
}
