/** @file A transfer set that is still to be made: everything about it but its samples. */

import { type Dataset, datasetHash, UNLABELLED } from "../../data/index.ts";
import { RunError } from "../../errors/index.ts";
import { assertGeneratedSpec, type GeneratedSpec, type SampleLike } from "./generated-spec.ts";

/**
 * What a run plans with until its teacher is there. Its keys are no hashes: the samples have none
 * yet.
 *
 * @param like samples of the training part are like these; none is read
 * @returns a data set without labels, whose samples cannot be read
 * @throws as assertGeneratedSpec
 */
export function promisedSamples(like: SampleLike, spec: GeneratedSpec): Dataset {
  assertGeneratedSpec(spec, like);
  const { dtype, shape, preprocessing, classNames, frames } = like;
  const body = {
    name: `generated ${spec.kind}`,
    length: spec.samples,
    ...{ dtype, shape, preprocessing, classNames },
    labels: new Int32Array(spec.samples).fill(UNLABELLED),
    groups: null,
    ...(frames && { frames }),
    gather: (): never => {
      throw new RunError("run/internal", {
        where: "generated samples",
        rule: "internal: samples that are still to be made cannot be read",
      });
    },
    key: (index: number): string => `generated ${index}`,
  };
  return { ...body, hash: () => datasetHash(body) };
}
