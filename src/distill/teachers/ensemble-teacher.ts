/**
 * @file Several teachers as one. Every member's logits are kept; combining them is left to whoever
 * trains.
 */

import { assertMemberWeights, type CombineMethod } from "../../data/index.ts";
import { DataError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { assertSameCombination, nestedWeights } from "./nested-ensembles.ts";
import type { Teacher, TeacherBatch, TeacherWorkload } from "./teacher.ts";

export interface EnsembleOptions {
  /**
   * arithmetic (default): mean of probabilities; geometric: normalised mean of log p; logits: mean
   * of logits
   */
  readonly combine?: CombineMethod;
  /**
   * one for each member network, those of ensembles among the members too, relative and not
   * negative; default: each member counts 1/n, whatever it is made of
   */
  readonly weights?: readonly number[];
  /** default: the members' names joined by " + " */
  readonly name?: string;
}

/**
 * One teacher from several. With one member: that member, its hash and bytes unchanged, whatever
 * the combination; an ensemble alone takes `combine` and `weights` where they are given.
 *
 *   hash = SHA-256 of the members' hashes in order, one a line
 *
 * Logits are float32 [n, Σ members, classes], members in the given order. An ensemble may be a
 * member and has the same combination then: it counts 1/n as a whole, divided among its networks by
 * its own weights, so that the one mean over all networks is the mean of the members. (`weights`
 * say it of every network instead.) Members that have equally many networks and no weights get
 * none.
 *
 * @throws DataError "teacher/no-members"; "teacher/class-mismatch" if the members' classes differ
 *   in number or names; "teacher/mixed-kinds" for sigmoid members beside others; ConfigError
 *   "config/range" for weights that do not fit the members, "config/conflict" for a member that is
 *   an ensemble of another combination
 * @see Hinton, Vinyals, Dean (2015), Distilling the Knowledge in a Neural Network, §1,
 *   arXiv:1503.02531
 */
export function ensembleTeacher(
  members: readonly Teacher[],
  options: EnsembleOptions = {},
): Teacher {
  const { combine = "arithmetic", weights: given, name } = options;
  const first = members[0];
  if (first === undefined)
    throw new DataError("teacher/no-members", {
      where: "ensembleTeacher",
      rule: "an ensemble needs at least one teacher",
      got: "none",
      fix: "Give at least one",
    });
  const all = members.flatMap((member) => member.members);
  if (given !== undefined) assertMemberWeights("ensembleTeacher", given, all.length);
  if (members.length === 1) return onlyMember(first, options);
  const named = members.find(({ classNames }) => classNames !== null) ?? first;
  for (const other of members) assertAlike(named, other);
  assertSameCombination(members, combine);
  const weights = given ?? nestedWeights(members);
  const workloads = members.map(({ workload }) => workload);
  return {
    name: name ?? members.map((member) => member.name).join(" + "),
    hash: hashOfHashes(members.map(({ hash }) => hash)),
    members: all,
    combine,
    ...(weights && { weights }),
    classCount: first.classCount,
    classNames: named.classNames,
    parameters: total(members.map(({ parameters }) => parameters)),
    macs: total(members.map(({ macs }) => macs)),
    bytes: total(members.map(({ bytes }) => bytes)),
    summary: null,
    workload: {
      batchSize: Math.min(...workloads.map(({ batchSize }) => batchSize)),
      batchesPerQuestion: sharedBatches(workloads),
      concurrency: Math.min(...workloads.map(({ concurrency }) => concurrency)),
      samplesPerShard: Math.min(...workloads.map(({ samplesPerShard }) => samplesPerShard)),
      isRepeatable: workloads.every(({ isRepeatable }) => isRepeatable),
    },
    ...(members.every(({ models }) => models !== undefined) && {
      models: members.flatMap(({ models = [] }) => models),
    }),
    logits: (batch) => memberLogits(members, first.classCount, batch),
    currentHash: () => hashOfHashes(members.map((member) => member.currentHash())),
    ...(members.every(({ time }) => time !== undefined) && {
      time: (runs: number) => timeInTurn(members, runs),
    }),
    close: async () => {
      for (const member of members) await member.close();
    },
  };
}

/**
 * Members of larger batches pad a question to these; each question of theirs is one batch, so that
 * what a sample stands beside does not depend on where labelling began.
 */
function sharedBatches(workloads: readonly TeacherWorkload[]): number {
  const isOneSize = workloads.every(({ batchSize }) => batchSize === workloads[0]?.batchSize);
  const each = workloads.map(({ batchesPerQuestion = 1 }) => batchesPerQuestion);
  return isOneSize ? Math.min(...each) : 1;
}

function onlyMember(
  member: Teacher,
  { combine = member.combine, weights, name = member.name }: EnsembleOptions,
): Teacher {
  if (member.members.length === 1) return { ...member, name };
  return { ...member, combine, ...(weights && { weights }), name };
}

/** @returns float32 [n, Σ members, classes] */
async function memberLogits(
  members: readonly Teacher[],
  classCount: number,
  batch: TeacherBatch,
): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for (const member of members) parts.push(await member.logits(batch)); // [n, own members, classes]
  const samples = batch.keys.length;
  const widths = members.map((member) => member.members.length * classCount);
  const rowLength = widths.reduce((sum, width) => sum + width, 0);
  const joined = new Float32Array(samples * rowLength);
  let column = 0;
  for (const [m, part] of parts.entries()) {
    const width = widths[m]!; // as many as parts
    for (let row = 0; row < samples; row++)
      joined.set(part.subarray(row * width, (row + 1) * width), row * rowLength + column);
    column += width;
  }
  return joined;
}

/** @returns milliseconds of each run, in which one member is asked after the other */
async function timeInTurn(members: readonly Teacher[], runs: number): Promise<readonly number[]> {
  const times: (readonly number[])[] = [];
  for (const member of members) times.push((await member.time?.(runs)) ?? []);
  const shared = Math.min(...times.map(({ length }) => length));
  return Array.from(
    { length: shared },
    (_, run) => times.reduce((sum, own) => sum + own[run]!, 0), // shared by all
  );
}

function hashOfHashes(hashes: readonly string[]): string {
  return sha256Hex(new TextEncoder().encode(`${hashes.join("\n")}\n`));
}

function total(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}

/** What of two members is compared. */
export type Likeness = Pick<Teacher, "name" | "classCount" | "classNames"> & {
  readonly members: readonly Pick<Teacher["members"][number], "kind">[];
};

/** @throws DataError "teacher/class-mismatch", "teacher/mixed-kinds" as ensembleTeacher */
export function assertAlike(first: Likeness, other: Likeness): void {
  const names = (teacher: Likeness): string =>
    teacher.classNames === null ? `${teacher.classCount} classes` : teacher.classNames.join(", ");
  const sameNames =
    first.classNames === null ||
    other.classNames === null ||
    first.classNames.every((name, index) => name === other.classNames?.[index]);
  if (first.classCount !== other.classCount || !sameNames)
    throw new DataError("teacher/class-mismatch", {
      where: `ensemble of ${first.name} and ${other.name}`,
      rule: "members must have the same classes in the same order",
      got: `${names(first)} and ${names(other)}`,
      fix: "Combine teachers of one task",
      details: { classes: [first.classCount, other.classCount] },
    });
  const isSigmoid = (teacher: Likeness): boolean => teacher.members[0]?.kind === "sigmoid";
  if (isSigmoid(first) !== isSigmoid(other))
    throw new DataError("teacher/mixed-kinds", {
      where: `ensemble of ${first.name} and ${other.name}`,
      rule: "members are all one-of-n classifiers, or all of independent (sigmoid) classes",
      got: `${first.members[0]?.kind} and ${other.members[0]?.kind}`,
      fix: "Combine teachers of one kind",
    });
}
