/** @file That samples of two data sets are of one kind: numbers mean the same in both. */

import { showShape } from "../engine/tensor/index.ts";
import { DataError } from "../errors/index.ts";
import { sameFrames } from "./audio/frame-encoding.ts";
import type { Dataset } from "./dataset.ts";
import { seenByTeacher } from "./teacher-inputs.ts";

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

/**
 * @param train the samples that `other` must be like
 * @param part what samples of `other` are ("test"), for messages
 * @throws DataError "data/shape", "data/class", "data/preprocessing", "data/encoding"; "data/pairs"
 *   where one of the two alone has teacher inputs
 */
export function assertOfOneKind(train: Dataset, other: Dataset, part: string): void {
  const compare = (code: string, say: (dataset: Dataset) => string): void => {
    const [wanted, got] = [say(train), say(other)];
    if (got === wanted) return;
    throw new DataError(code, {
      where: other.name,
      rule: `${part} samples must be ${wanted} as the training samples are`,
      got,
      fix: `Give ${part} data of the same kind`,
      details: { train: wanted, [part]: got },
    });
  };
  compare("data/shape", ({ dtype, shape }) => `${dtype} ${showShape(shape)}`);
  compare("data/class", ({ classNames }) => `of the classes ${classNames.join(", ")}`);
  compare(
    "data/preprocessing",
    ({ preprocessing: { scale, offset } }) => `read as x · ${scale} + ${offset}`,
  );
  assertMadeAlike(other, train);
  compare("data/pairs", ({ teacherInputs }) =>
    teacherInputs === undefined ? "without teacher inputs" : "with teacher inputs",
  );
  if (train.teacherInputs !== undefined)
    assertOfOneKind(seenByTeacher(train), seenByTeacher(other), `teacher's ${part}`);
}
