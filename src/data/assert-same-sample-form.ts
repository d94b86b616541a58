/**
 * @file That samples of two data sets are of one kind: one network can read both, and one teacher
 * what it sees of both.
 */

import { showShape } from "../engine/tensor/index.ts";
import { DataError } from "../errors/index.ts";
import { assertMadeAlike } from "./assert-same-encoding.ts";
import type { Dataset } from "./dataset.ts";
import { seenByTeacher } from "./teacher-inputs.ts";

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
