/** @file How a model's samples were made, and that other data's are made alike. */

import { type Dataset, type FrameEncoding, sameFrames } from "../../data/index.ts";
import { DataError } from "../../errors/index.ts";
import type { Model } from "../training/model-file.ts";

/** What a model's file says of how its samples were made, beside their shape. */
export type SampleEncoding = Partial<Pick<Model, "text" | "frames" | "classNames">>;

/** @throws DataError "teacher/vocabulary" if a model's tokens are numbered otherwise */
export function assertVocabulary(
  where: string,
  vocabulary: readonly string[] | undefined,
  { name, text }: Pick<Dataset, "name" | "text">,
): void {
  if (vocabulary?.join("\n") === text?.vocabulary.join("\n")) return;
  throw new DataError("teacher/vocabulary", {
    where,
    rule: "model and data must number tokens alike",
    got: `${vocabulary?.length ?? "no"} tokens in the model, ${text?.vocabulary.length ?? "none"} in ${name}`,
    fix: "Use the text that the model was trained on, or train a teacher on this text",
  });
}

/**
 * Where one side does not say how its frames were made, as files of before do not, they may be
 * alike.
 *
 * @throws DataError "teacher/frames" if a model's were standardised by other numbers, or have
 *   another context
 */
export function assertFrames(
  where: string,
  frames: FrameEncoding | undefined,
  dataset: Pick<Dataset, "name" | "frames">,
): void {
  if (sameFrames(frames, dataset.frames)) return;
  throw new DataError("teacher/frames", {
    where,
    rule: `its frames and those of ${dataset.name} must have one context, and be standardised by the same means and deviations`,
    got: difference(frames, dataset.frames),
    fix: "Name as data the recordings themselves, not shards of them: they are then made as the model's were (in the library: loadData with encoding: model.frames)",
  });
}

/** Which part differs, in a few words. */
function difference(a: FrameEncoding | undefined, b: FrameEncoding | undefined): string {
  const words = ({ context: { before, after }, standardization }: FrameEncoding): string => {
    const first = standardization?.mean[0]?.toPrecision(6);
    return `context ${before} and ${after}, ${first === undefined ? "not standardised" : `first mean ${first}`}`;
  };
  return a && b ? `${words(b)}, for ${words(a)}` : "others";
}
