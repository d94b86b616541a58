/** @file An ensemble whose answer is one vector a sample: small, and lossy. */

import { effectiveLogits } from "../../data/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { combinationText } from "./combination-text.ts";
import type { Teacher } from "./teacher.ts";

/**
 * One member in place of several: their logits combined at T = 1, which are log-probabilities, or
 * logits where logits are averaged or classes are independent. A teacher of one member is returned
 * as it is.
 *
 *   hash = SHA-256 of "averaged", combination, weights and the teacher's hash, one a line
 *
 * At another temperature the arithmetic mean of softened distributions is not the softened mean:
 * mean_m softmax(z_m / T) is no function of this vector.
 */
export function averagedTeacher(teacher: Teacher): Teacher {
  const { members, combine, classCount } = teacher;
  if (members.length === 1) return teacher;
  const identity = (hash: string): string => {
    const text = ["averaged", ...combinationText(teacher), hash].join("\n");
    return sha256Hex(new TextEncoder().encode(`${text}\n`));
  };
  const isSigmoid = members[0]?.kind === "sigmoid";
  const kind = isSigmoid ? "sigmoid" : combine === "logits" ? "logits" : "log-probabilities";
  const width = members.length * classCount;
  const { weights: _, ...rest } = teacher;
  const hash = identity(teacher.hash);
  return {
    ...rest,
    hash,
    members: [{ name: `average of ${teacher.name}`, hash, kind }],
    combine: "arithmetic",
    currentHash: () => identity(teacher.currentHash()),
    logits: async (batch) => {
      const answer = await teacher.logits(batch);
      const combined = new Float32Array(batch.keys.length * classCount);
      for (let row = 0; row < batch.keys.length; row++)
        combined.set(
          effectiveLogits(answer.subarray(row * width, (row + 1) * width), teacher),
          row * classCount,
        );
      return combined;
    },
  };
}
