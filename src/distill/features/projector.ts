/**
 * @file The regressor between features of unequal widths: a linear map of the student's, trained
 * beside it and left out of it.
 */

import { input, type Value } from "../../engine/graph/index.ts";
import {
  conv1d,
  conv2d,
  dense,
  type Layer,
  type ParameterSpec,
  positionwiseDense,
} from "../../engine/nn/index.ts";
import { type Shape, sameShape, showShape } from "../../engine/tensor/index.ts";
import { ConfigError } from "../../errors/index.ts";

export interface Projector {
  /** names start with the prefix */
  readonly parameters: readonly ParameterSpec[];
  /** @param feature float32 [batch, ...student's shape]. @returns float32 [batch, ...teacher's] */
  readonly apply: (feature: Value, parameter: (name: string) => Value) => Value;
}

/**
 * A dense layer between vectors; between sequences and images the same one at every place, a
 * convolution of size 1. Of features [a, b] the axis that differs is the width.
 *
 * @param prefix of the parameters' names; @param where names the pair in messages
 * @returns null for features of one shape, which need none
 * @throws ConfigError "config/conflict" for features that differ in more than their width
 * @see Romero et al. (2015), FitNets: Hints for Thin Deep Nets, §2.2, arXiv:1412.6550
 */
export function projector(
  prefix: string,
  { student, teacher }: { readonly student: Shape; readonly teacher: Shape },
  where: string,
): Projector | null {
  if (sameShape(student, teacher)) return null;
  const layer = between(student, teacher);
  if (layer === null)
    throw new ConfigError("config/conflict", {
      where,
      rule: "a hint is learned from features of one size, whose widths alone may differ",
      got: `${showShape(student)} of the student and ${showShape(teacher)} of the teacher`,
      fix: "Pair layers with as many positions, or rows and columns, or use attention, similarity, relation or graph",
      details: { student, teacher },
    });
  const named = (name: string): string => `${prefix}/${name}`;
  return {
    parameters: layer.parameters.map((spec) => ({ ...spec, name: named(spec.name) })),
    apply: (feature, parameter) =>
      layer.apply(feature, {
        path: prefix,
        training: true,
        parameter: (name) => parameter(named(name)),
        seed: () => input("seed", "uint32", []), // nothing is drawn
        stream: 0,
        updateStatistic: () => undefined,
      }),
  };
}

function between(student: Shape, teacher: Shape): Layer | null {
  if (student.length !== teacher.length) return null;
  const differs = student.flatMap((size, axis) => (size === teacher[axis] ? [] : [axis]));
  const [axis] = differs;
  if (differs.length !== 1 || axis === undefined) return null;
  const width = teacher[axis]!; // of as many axes
  if (student.length === 1) return dense(width)(student);
  if (student.length === 2)
    return axis === 0
      ? conv1d({ channels: width, kernel: 1 })(student)
      : positionwiseDense(width)(student);
  return student.length === 3 && axis === 0
    ? conv2d({ channels: width, kernel: [1, 1] })(student)
    : null;
}
