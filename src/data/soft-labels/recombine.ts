/** @file A package's members combined otherwise: no teacher is asked. */

import { ConfigError } from "../../errors/index.ts";
import { UNLABELLED } from "../dataset.ts";
import { effectiveLogits, mostProbable } from "./accuracy.ts";
import type { CombineMethod, SoftLabelManifest } from "./manifest.ts";
import { assertCountsHold } from "./match.ts";
import { assertMemberWeights } from "./member-weights.ts";
import type { SoftLabels } from "./reader.ts";
import { teacherLabels } from "./teacher-classes.ts";

export interface Recombination {
  /** default: the package's own */
  readonly combine?: CombineMethod;
  /** relative weight of each member, not negative; default: equal */
  readonly weights?: readonly number[];
}

/**
 * The same soft labels with another combination of their members: the package holds each member's
 * logits, so students of another mean, other weights or another temperature need no teacher. The
 * teacher's recorded accuracy is counted again, from the stored logits.
 *
 * @throws ConfigError "config/range" for weights that do not fit the members; "config/conflict" for
 *   a package of one vector a sample; DataError "package/order" where the recorded accuracy is not
 *   that of the rows
 */
export function recombine(softLabels: SoftLabels, { combine, weights }: Recombination): SoftLabels {
  const { manifest } = softLabels;
  const members = manifest.members.length;
  if (members === 1)
    throw new ConfigError("config/conflict", {
      where: "teacher.softLabels",
      rule: "only a package that holds each member's logits can be combined otherwise",
      got: `one member, ${manifest.members[0]?.name}`,
      fix: "Leave combine and weights out, or label again with labels: {members: each}",
    });
  if (weights !== undefined) assertMemberWeights("teacher.weights", weights, members);
  assertCountsHold(softLabels); // the new counts would hide that rows were exchanged
  const { weights: _, ...rest } = manifest;
  const own = { ...rest, combine: combine ?? rest.combine, ...(weights && { weights }) };
  return { ...softLabels, manifest: { ...own, shards: recounted(softLabels, own) } };
}

/** @returns the shards with the new combination's number of right samples */
function recounted(
  softLabels: SoftLabels,
  manifest: SoftLabelManifest,
): SoftLabelManifest["shards"] {
  const row = new Float32Array(manifest.members.length * manifest.classCount);
  const ownLabel = teacherLabels(manifest);
  let first = 0;
  return manifest.shards.map((shard) => {
    let correct = 0;
    for (let sample = first; sample < first + shard.samples; sample++) {
      const label = ownLabel(softLabels.label(sample));
      if (label === UNLABELLED) continue;
      const z = effectiveLogits(softLabels.logits(sample, 0, row), manifest);
      if (mostProbable(z) === label) correct += 1;
    }
    first += shard.samples;
    return { ...shard, correct };
  });
}
