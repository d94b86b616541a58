/** @file What a run's teacher is made of, and what of it can be refused before it is there. */

import {
  assertDisjoint,
  assertGroupsApart,
  assertMadeAlike,
  assertMemberWeights,
  assertOfOneKind,
  type Dataset,
  type SoftLabels,
  seenByTeacher,
} from "../data/index.ts";
import { ConfigError, DataError } from "../errors/index.ts";
import type {
  DistillOptions,
  EnsembleSource,
  SpecialistsSource,
  TeacherSource,
  TrainedTeacher,
} from "./options.ts";
import { assertSpecialists } from "./specialists/index.ts";
import { assertModelFits } from "./teachers/assert-model-fits.ts";
import { assertTeacherClasses } from "./teachers/assert-teacher.ts";
import { assertAlike, type Likeness } from "./teachers/ensemble-teacher.ts";
import { assertSameCombination } from "./teachers/nested-ensembles.ts";

/** A source that needs no package. */
export type AskableSource = Exclude<TeacherSource, { readonly kind: "softLabels" }>;

type Data = DistillOptions["data"];

/** @returns the parts with what the teacher sees as their samples */
export function partsSeenByTeacher({ train, validation, test }: Data): Data {
  return {
    train: seenByTeacher(train),
    validation: seenByTeacher(validation),
    test: seenByTeacher(test),
  };
}
/** Names of the classes that the teacher knows, checked; undefined: all. */
type Known = readonly string[] | undefined;

/** @returns the networks that are trained first, each architecture of an ensemble once */
export function trainedTeachers(source: TeacherSource): readonly TrainedTeacher[] {
  switch (source.kind) {
    case "train":
      return [source.teacher];
    case "ensemble":
      return source.members.flatMap(trainedTeachers);
    case "specialists":
      return source.generalist.kind === "train" ? [source.generalist.teacher] : [];
    case "given":
    case "softLabels":
      return [];
  }
}

/** @returns trainings that the teacher takes; of specialists at most so many */
export function teacherJobs(source: TeacherSource): number {
  switch (source.kind) {
    case "train":
      return source.teacher.members ?? 1;
    case "ensemble":
      return source.members.reduce((sum, member) => sum + teacherJobs(member), 0);
    case "specialists":
      return (source.generalist.kind === "train" ? 1 : 0) + source.specialists.count;
    case "given":
    case "softLabels":
      return 0;
  }
}

/**
 * Refuses, before anything is trained, what could not become the teacher of these data.
 *
 * @param known names of the classes that it knows, where these are not all of the data's
 * @throws ConfigError "config/range" for weights that do not fit the networks of an ensemble, and
 *   specialists that do not fit the classes; "config/conflict" for a member whose own weights or
 *   combination would be lost, and specialists of some classes; DataError
 *   "teacher/class-mismatch", "teacher/mixed-kinds", "teacher/input-shape", "teacher/vocabulary"
 *   and "teacher/frames" for models of other classes, kinds or samples; "package/class-mismatch";
 *   and "data/leak", "data/classes" and "data/encoding" for a teacher's own training data
 */
export function assertTeacherSource(source: TeacherSource, data: Data, known?: Known): void {
  for (const { data: own } of trainedTeachers(source)) assertOwnData(own, data);
  if (source.kind === "given") assertTeacherClasses(source.teacher, data.train, known);
  if (source.kind === "softLabels") assertPackageClasses(source.softLabels, known);
  if (source.kind === "specialists") assertGeneralist(source, data, known);
  if (source.kind === "train") assertWeights([source], source.teacher);
  if (source.kind !== "ensemble") return;
  assertWeights(source.members, source);
  assertNested(source);
  assertMembers(source, data, known);
}

/**
 * A package that was made with a teacher of some classes is used as one only where that is meant.
 *
 * @throws DataError "package/class-mismatch"
 */
export function assertPackageClasses({ manifest }: SoftLabels, known: Known): void {
  const { teacherClasses: own, classNames, dataName } = manifest;
  const [inPackage, asked] = [own ?? classNames, known ?? classNames].map((each) =>
    each.join(", "),
  );
  if (inPackage === asked) return;
  throw new DataError("package/class-mismatch", {
    where: `soft labels of ${dataName}`,
    rule: `teacher.classes must name the classes that the package's teacher knows: ${inPackage}`,
    got: known === undefined ? `none, which means all: ${asked}` : `${asked}`,
    fix:
      own === undefined
        ? "Leave teacher.classes out: this teacher knows all classes"
        : `Write classes: [${inPackage}] in the section teacher`,
    details: { package: own ?? null, asked: known ?? null },
  });
}

type Member = EnsembleSource["members"][number];

function assertWeights(
  members: readonly Member[],
  { weights }: Pick<EnsembleSource, "weights">,
): void {
  const networks = members.reduce(
    (sum, member) =>
      sum + (member.kind === "given" ? member.teacher.members.length : memberCount(member)),
    0,
  );
  if (networks > 1 && typeof weights === "object")
    assertMemberWeights("teacher.weights", weights, networks);
}

/** As ensembleTeacher does when all are there. */
function assertMembers({ members }: EnsembleSource, { train }: Data, known: Known): void {
  const classNames = known ?? train.classNames;
  const trained: Likeness = {
    name: "a network that is trained here",
    classCount: classNames.length,
    classNames,
    members: [{ kind: "logits" }],
  };
  const all = members.map((member) => (member.kind === "given" ? member.teacher : trained));
  for (const each of all) {
    assertTeacherClasses(each, train, known);
    assertAlike(all[0]!, each); // it is one of them
  }
}

function assertGeneralist(source: SpecialistsSource, data: Data, known: Known): void {
  const { generalist, specialists, data: own } = source;
  if (known !== undefined)
    throw new ConfigError("config/conflict", {
      where: "teacher.specialists",
      rule: "specialists are for classes that a generalist of all classes confuses",
      got: `a teacher of ${known.join(", ")} alone`,
      fix: "Leave teacher.classes out, or use another teacher",
    });
  assertSpecialists(specialists, data.train.classNames.length);
  if (generalist.kind === "model")
    assertModelFits(generalist.model, "generalist", seenByTeacher(data.train));
  assertOwnData(own, data);
}

/**
 * What a teacher is trained on must be of the run's classes, made into numbers alike, and hold
 * nothing of what it is judged by. Where teachers see other inputs it is of these, or paired with
 * such.
 */
export function assertOwnData(own: Dataset | undefined, data: Data): void {
  if (own === undefined || own === data.train) return;
  const isOfInputs = own.teacherInputs === undefined;
  const { train, validation, test } = isOfInputs ? partsSeenByTeacher(data) : data;
  const names = own.classNames.join("\n");
  if (names !== train.classNames.join("\n"))
    throw new DataError("data/classes", {
      where: own.name,
      rule: `its classes must be those of ${train.name}: ${train.classNames.join(", ")}`,
      got: own.classNames.join(", "),
      fix: "Give both data sets the same classes in the same order",
    });
  assertMadeAlike(own, train);
  if (data.train.teacherInputs !== undefined)
    assertOfOneKind(seenByTeacher(train), seenByTeacher(own), "the teacher's training");
  for (const part of [{ validation }, { test }]) {
    assertDisjoint({ "training data": own, ...part });
    if (own.wholeGroups === true) assertGroupsApart({ "training data": own, ...part });
  }
}

/** Networks that are trained here count one by one, in the ensemble's own mean. */
function assertNested({ members, combine = "arithmetic", weights }: EnsembleSource): void {
  const given = members.flatMap((member) => (member.kind === "given" ? [member.teacher] : []));
  if (members.length > 1) assertSameCombination(given, combine);
  for (const member of members) {
    if (member.kind === "given" || memberCount(member) === 1) continue;
    const { combine: own = combine, weights: ownWeights } = member.teacher;
    if (own === combine && (ownWeights === undefined || weights !== undefined)) continue;
    throw new ConfigError("config/conflict", {
      where: "teacher.ensemble",
      rule: "networks trained for an ensemble have its weights and its combination",
      got: own === combine ? "weights of one member alone" : `${own} in ${combine}`,
      fix: "Give weights and combine to the ensemble, weights one for each network",
    });
  }
}

/** @returns networks that are trained for it; 1 for a teacher that is there */
export function memberCount(member: Member): number {
  return member.kind === "given" ? 1 : (member.teacher.members ?? 1);
}
