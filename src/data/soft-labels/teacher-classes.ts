/** @file A teacher that knows some of the data's classes: which columns are which, by name. */

import { ConfigError, unknownName } from "../../errors/index.ts";
import { UNLABELLED } from "../dataset.ts";
import type { SoftLabelHeader } from "./manifest.ts";

/** The data's classes, and the teacher's own where these are not all of them. */
export interface ClassesOfBoth extends Pick<SoftLabelHeader, "classNames"> {
  readonly teacherClasses?: SoftLabelHeader["teacherClasses"] | undefined;
}

/** @returns how many logits a member gives: one for each class that the teacher knows */
export function logitCount({ classNames, teacherClasses = classNames }: ClassesOfBoth): number {
  return teacherClasses.length;
}

/**
 * @returns int32 [teacher's classes]: the data's index of each, in the order of the teacher's
 *   logits; null for a teacher of all classes
 */
export function teacherColumns({ classNames, teacherClasses }: ClassesOfBoth): Int32Array | null {
  if (teacherClasses === undefined) return null;
  return Int32Array.from(teacherClasses, (name) => classNames.indexOf(name));
}

/**
 * @returns from a class of the data to the teacher's own index of it; UNLABELLED where it knows no
 *   such class
 */
export function teacherLabels(classes: ClassesOfBoth): (label: number) => number {
  const columns = teacherColumns(classes);
  if (columns === null) return (label) => label;
  const own = new Map(Array.from(columns, (label, at) => [label, at]));
  return (label) => own.get(label) ?? UNLABELLED;
}

/**
 * @param labels class indices of the data
 * @returns numbers of the samples whose class the teacher knows; null for a teacher of all classes
 */
export function knownSamples(labels: Int32Array, classes: ClassesOfBoth): Int32Array | null {
  if (classes.teacherClasses === undefined) return null;
  const ownLabel = teacherLabels(classes);
  return Int32Array.from([...labels.keys()].filter((at) => ownLabel(labels[at]!) !== UNLABELLED));
}

/**
 * @param asked names of the classes that the teacher knows, in the order of its logits; undefined:
 *   those of the data
 * @returns them as a package keeps them: undefined where they are the data's own
 * @throws ConfigError "config/type"; "config/unknown-name" for a name that the data have not;
 *   "config/range" for fewer than two, or one twice
 */
export function knownClasses(
  asked: readonly string[] | undefined,
  classNames: readonly string[],
): readonly string[] | undefined {
  if (asked === undefined) return undefined;
  if (!Array.isArray(asked) || asked.some((name) => typeof name !== "string"))
    throw new ConfigError("config/type", {
      where: "teacher.classes",
      rule: "must be a list of names",
      got: JSON.stringify(asked),
      fix: `Give names of the data's classes, for example ["${classNames.join('", "')}"]`,
    });
  for (const name of asked)
    if (!classNames.includes(name)) throw unknownName("teacher.classes", "class", name, classNames);
  if (asked.length < 2 || new Set(asked).size < asked.length)
    throw new ConfigError("config/range", {
      where: "teacher.classes",
      rule: "a teacher tells two classes apart at least, each named once",
      got: asked.join(", ") || "none",
      fix: "Name the classes that it was trained on, in the order of its logits",
    });
  return asked.join("\n") === classNames.join("\n") ? undefined : asked;
}
