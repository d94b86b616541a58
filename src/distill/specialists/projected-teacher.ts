/** @file The generalist as a teacher of one specialist: its other classes in one. */

import { effectiveLogits } from "../../data/index.ts";
import { combinationText } from "../teachers/combination-text.ts";
import type { Teacher } from "../teachers/teacher.ts";

/**
 * The generalist's distribution over a specialist's classes and the dustbin, for samples of which
 * half are special:
 *
 *   z_k for k ∈ S;   z_dustbin = logΣexp_{j ∉ S} z_j − correction
 *
 * @param classNames of the specialist, the dustbin's last
 */
export function projectedTeacher(
  generalist: Teacher,
  classes: readonly number[],
  {
    classNames,
    dustbinCorrection,
  }: { readonly classNames: readonly string[]; readonly dustbinCorrection: number },
): Teacher {
  const { classCount } = generalist;
  const width = generalist.members.length * classCount;
  const special = new Set(classes);
  const mark = [`of ${classes.join()}`, dustbinCorrection, ...combinationText(generalist)].join(
    ", ",
  );
  const project = (row: Float32Array): number[] => {
    const z = effectiveLogits(row, generalist);
    const others = z.filter((_, index) => !special.has(index));
    const top = others.reduce((a, b) => Math.max(a, b));
    const sum = others.reduce((total, value) => total + Math.exp(value - top), 0);
    return [...classes.map((index) => z[index]!), top + Math.log(sum) - dustbinCorrection];
  };
  const { time: _, weights: __, ...rest } = generalist;
  return {
    ...rest,
    hash: `${generalist.hash} ${mark}`,
    currentHash: () => `${generalist.currentHash()} ${mark}`,
    members: [{ name: generalist.name, hash: `${generalist.hash} ${mark}`, kind: "logits" }],
    combine: "arithmetic",
    classCount: classes.length + 1,
    classNames,
    logits: async (batch) => {
      const answer = await generalist.logits(batch);
      return Float32Array.from(
        batch.keys.flatMap((_key, row) => project(answer.subarray(row * width, (row + 1) * width))),
      );
    },
    close: async () => undefined,
  };
}
