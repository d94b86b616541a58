/** @file A generalist with its specialists as one teacher. */

import { effectiveLogits } from "../../data/index.ts";
import { assertInRange, ConfigError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { logSoftmaxRow } from "../metrics/index.ts";
import { combinationText } from "../teachers/combination-text.ts";
import { logProbabilities } from "../teachers/output-values.ts";
import type { Teacher, TeacherBatch } from "../teachers/teacher.ts";
import { combineSpecialists, type SpecialistOpinion } from "./combine-specialists.ts";

/** One specialist, ready to answer. */
export interface Specialist {
  /** gives logits of its classes in order, and of the dustbin last */
  readonly teacher: Teacher;
  /** indices of the generalist's classes */
  readonly classes: readonly number[];
  /** added to the dustbin's logit; 0 for one that was trained on the data's own shares */
  readonly dustbinCorrection: number;
}

export interface SpecialistsOptions {
  /** most probable classes of the generalist for which specialists are asked; default 1 */
  readonly active?: number;
  /** default: the generalist's, and how many specialists */
  readonly name?: string;
}

/** A teacher of which it is known who is in it. */
export interface SpecialistsTeacher extends Teacher {
  readonly generalist: Teacher;
  readonly specialists: readonly Specialist[];
}

/**
 * A teacher whose answer to a sample is log q, with q from `combineSpecialists`: the generalist is
 * asked, then those specialists that tell apart one of its `active` most probable classes (perhaps
 * none, and then q is the generalist's).
 *
 *   hash = SHA-256 of the parts' hashes, classes, corrections, `active` and, where the generalist
 *     has several members, its combination and weights, one a line
 *
 * @throws ConfigError "specialists/classes" if a specialist's classes are not the generalist's, or
 *   all of them; "config/range" if `active` is no number of classes
 * @see Hinton, Vinyals, Dean (2015), §5.4, arXiv:1503.02531
 */
export function specialistsTeacher(
  generalist: Teacher,
  specialists: readonly Specialist[],
  { active = 1, name }: SpecialistsOptions = {},
): SpecialistsTeacher {
  const { classCount } = generalist;
  assertInRange("specialistsTeacher", { active }, { from: 1, to: classCount, isInteger: true });
  for (const specialist of specialists) assertClasses(specialist, generalist);
  const parts = [generalist, ...specialists.map(({ teacher }) => teacher)];
  const hash = (): string => {
    const facts = specialists.map(
      ({ teacher, classes, dustbinCorrection }) =>
        `${teacher.currentHash()} ${classes.join()} ${dustbinCorrection}`,
    );
    const general = [generalist.currentHash(), ...combinationText(generalist)];
    const text = ["specialists", ...general, `${active}`, ...facts].join("\n");
    return sha256Hex(new TextEncoder().encode(`${text}\n`));
  };
  const total = (of: (part: Teacher) => number | null): number | null =>
    parts.reduce<number | null>((sum, part) => addKnown(sum, of(part)), 0);
  const own = name ?? `${generalist.name} + ${specialists.length} specialists`;
  const now = hash();
  return {
    generalist,
    specialists,
    name: own,
    hash: now,
    members: [{ name: own, hash: now, kind: "log-probabilities" }],
    combine: "arithmetic",
    classCount,
    classNames: generalist.classNames,
    parameters: total(({ parameters }) => parameters),
    macs: total(({ macs }) => macs),
    bytes: total(({ bytes }) => bytes),
    summary: null,
    workload: {
      ...generalist.workload,
      batchesPerQuestion: 1, // as for an ensemble of members with other batches
      isRepeatable: parts.every(({ workload }) => workload.isRepeatable),
    },
    logits: (batch) => combined(generalist, specialists, active, batch),
    currentHash: hash,
    close: async () => {
      for (const part of parts) await part.close();
    },
  };
}

/** @returns float32 [n, classes], log q */
async function combined(
  generalist: Teacher,
  specialists: readonly Specialist[],
  active: number,
  batch: TeacherBatch,
): Promise<Float32Array> {
  const { classCount } = generalist;
  const width = generalist.members.length * classCount;
  const answer = await generalist.logits(batch);
  const own = await Promise.all(specialists.map((each) => opinions(each, batch)));
  const joined = new Float32Array(batch.keys.length * classCount);
  for (let row = 0; row < batch.keys.length; row++) {
    const logits = effectiveLogits(answer.subarray(row * width, (row + 1) * width), generalist);
    const p = logSoftmaxRow(logits, 0, classCount).map(Math.exp);
    const probable = mostProbableClasses(p, active);
    const asked = specialists.flatMap(({ classes }, m) =>
      classes.some((index) => probable.has(index)) ? [own[m]![row]!] : [],
    );
    joined.set(logProbabilities(combineSpecialists(p, asked)), row * classCount);
  }
  return joined;
}

/** @returns what a specialist says of each sample */
async function opinions(
  { teacher, classes, dustbinCorrection }: Specialist,
  batch: TeacherBatch,
): Promise<readonly SpecialistOpinion[]> {
  const width = classes.length + 1;
  const logits = (await teacher.logits(batch)).slice();
  for (let at = classes.length; at < logits.length; at += width) logits[at]! += dustbinCorrection;
  return batch.keys.map((_, row) => ({
    classes,
    probabilities: logSoftmaxRow(logits, row, width).map(Math.exp),
  }));
}

/** Of equally probable classes the first. */
function mostProbableClasses(p: Float64Array, count: number): ReadonlySet<number> {
  const order = Array.from(p, (_, index) => index).toSorted((a, b) => p[b]! - p[a]! || a - b);
  return new Set(order.slice(0, count));
}

function addKnown(sum: number | null, value: number | null): number | null {
  return sum === null || value === null ? null : sum + value;
}

function assertClasses({ teacher, classes }: Specialist, { classCount, name }: Teacher): void {
  const isRight =
    teacher.members.length === 1 &&
    teacher.classCount === classes.length + 1 &&
    classes.length < classCount && // a dustbin of no class gets a probability all the same
    new Set(classes).size === classes.length &&
    classes.every((index) => Number.isInteger(index) && index >= 0 && index < classCount);
  if (isRight) return;
  throw new ConfigError("specialists/classes", {
    where: `specialist "${teacher.name}" of "${name}"`,
    rule: `a specialist is one model with a logit for each of its classes, which are different ones of the generalist's ${classCount} and not all of them, and one for the dustbin`,
    got: `${teacher.classCount} logits for classes ${classes.join(", ")}`,
    fix: "Give its classes in the order of its logits",
  });
}
