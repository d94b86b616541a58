/** @file What a run's teacher is made of, and what of it can be refused before it is there. */

import {
  assertDisjoint,
  assertGroupsApart,
  assertMadeAlike,
  assertMemberWeights,
  assertOfOneKind,
  type Dataset,
  onlyClasses,
  type SoftLabels,
  seenByTeacher,
} from "../data/index.ts";
import { showShape } from "../engine/tensor/index.ts";
import { assertKnown, ConfigError, DataError } from "../errors/index.ts";
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

/** What a teacher of some classes learns from, and is judged by: their samples. */
export function taughtPart(dataset: Dataset, known: Known): Dataset {
  return known === undefined ? dataset : onlyClasses(dataset, known, "teacher.classes");
}

/** @returns what a teacher sees of its own training data, or of those that it shares */
export function ownOr(own: Dataset | undefined, shared: Dataset): Dataset {
  return own === undefined ? shared : seenByTeacher(own);
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

/** @returns members whose logits a package of the teacher holds */
export function networkCount(source: TeacherSource): number {
  switch (source.kind) {
    case "train":
      return memberCount(source);
    case "ensemble":
      return source.members.reduce((sum, member) => sum + networkCount(member), 0);
    case "specialists":
      return 1;
    case "given":
      return source.teacher.members.length;
    case "softLabels":
      return source.softLabels.manifest.members.length;
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
 *   "data/pairs" for a package of other inputs than are paired here; and "data/leak",
 *   "data/classes", "data/encoding" and "data/pairs" for a teacher's own training data
 */
export function assertTeacherSource(source: TeacherSource, data: Data, known?: Known): void {
  for (const { data: own } of trainedTeachers(source)) assertOwnData(own, data);
  if (source.kind === "given") assertTeacherClasses(source.teacher, data.train, known);
  if (source.kind === "softLabels") {
    assertPackageClasses(source.softLabels, known);
    assertPackageInputs(source.softLabels, data.train);
  }
  if (source.kind === "specialists") assertGeneralist(source, data, known);
  if (source.kind === "train") assertWeights([source], source.teacher);
  if (source.kind !== "ensemble") return;
  assertWeights(source.members, source);
  assertNested(source);
  assertMembers(source, data, known);
}

/** What a source of each kind holds, beside its kind. */
const heldBy: Readonly<Record<string, readonly string[]>> = {
  train: ["teacher"],
  given: ["teacher"],
  ensemble: ["members"],
  specialists: ["generalist", "specialists"],
  model: ["model"],
  softLabels: ["softLabels"],
};

/**
 * For callers without types.
 *
 * @throws ConfigError "config/type" for what is no object, or holds none of what its kind needs;
 *   "config/unknown-name" for a kind that there is not
 */
export function assertSourceForm(source: TeacherSource, where = "teacher"): void {
  const held = object(source, where, "{ kind, … }");
  const kinds = Object.keys(heldBy);
  assertKnown(where, "kind", source.kind, kinds);
  for (const name of heldBy[source.kind]!) object(held[name], `${where}.${name}`, "an object");
  if (source.kind === "train")
    object(source.teacher.network, `${where}.teacher.network`, "a network such as { family, … }");
  if (source.kind === "specialists" && source.generalist.kind === "train")
    assertSourceForm(source.generalist, `${where}.generalist`);
  if (source.kind !== "ensemble") return;
  for (const [at, member] of Array.from(source.members).entries())
    assertSourceForm(member, `${where}.members[${at}]`);
}

function object(value: unknown, where: string, wanted: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new ConfigError("config/type", {
    where,
    rule: `there must be ${wanted}`,
    got: String(value),
    fix: "Give a teacher as TeacherSource says, such as { kind: 'train', teacher: { network, training } }",
  });
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

/**
 * A run with a package asks no teacher: inputs that are paired all the same must be those it saw.
 *
 * @throws DataError "data/pairs"
 */
function assertPackageInputs({ manifest }: SoftLabels, train: Dataset): void {
  if (train.teacherInputs === undefined) return;
  const { dtype, shape, hash } = seenByTeacher(train);
  const { teacherInputs: seen, dataHash, dataName } = manifest;
  const kindOf = (sample: Pick<Dataset, "dtype" | "shape">): string =>
    `${sample.dtype} ${showShape(sample.shape)}`;
  const isSame =
    seen !== undefined &&
    kindOf(seen.sample) === kindOf({ dtype, shape }) &&
    (dataHash !== train.hash() || seen.hash === hash()); // of a part it is not known
  if (isSame) return;
  throw new DataError("data/pairs", {
    where: `soft labels of ${dataName}`,
    rule: `the teacher must have seen the teacher inputs ${train.teacherInputs.name}, ${kindOf({ dtype, shape })}`,
    got: seen === undefined ? "the samples themselves" : `${seen.name}, ${kindOf(seen.sample)}`,
    fix: "Give the data without teacher inputs: a package needs none",
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
 * such; elsewhere it is without.
 */
export function assertOwnData(own: Dataset | undefined, data: Data): void {
  if (own === undefined || own === data.train) return;
  if (own.teacherInputs !== undefined && data.train.teacherInputs === undefined)
    throw new DataError("data/pairs", {
      where: own.name,
      rule: `training data may have teacher inputs only where ${data.train.name} has, of which the teacher is asked`,
      got: `the teacher inputs ${own.teacherInputs.name}`,
      fix: "Pair the run's parts too (withTeacherInputs), or give training data without teacher inputs",
    });
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
  if (data.train.teacherInputs !== undefined) {
    assertOfOneKind(seenByTeacher(train), seenByTeacher(own), "the teacher's training");
    if (isOfInputs) assertNotOfStudent(own, data.train);
  }
  for (const part of [{ validation }, { test }]) {
    assertDisjoint({ "training data": own, ...part });
    assertGroupsApart({ "training data": own, ...part });
  }
}

/**
 * Inputs of one shape and dtype are told apart by their samples.
 *
 * @throws DataError "data/pairs" for own data that hold more of what the student alone sees than of
 *   what the teacher alone does
 */
function assertNotOfStudent(own: Dataset, train: Dataset): void {
  const keysOf = ({ length, key }: Dataset): ReadonlySet<string> =>
    new Set(Array.from({ length }, (_, at) => key(at)));
  const [poor, seen] = [keysOf(train), keysOf(seenByTeacher(train))];
  const given = [...keysOf(own)];
  const ofStudent = given.filter((key) => poor.has(key) && !seen.has(key)).length;
  const ofTeacher = given.filter((key) => seen.has(key) && !poor.has(key)).length;
  if (ofStudent <= ofTeacher) return;
  throw new DataError("data/pairs", {
    where: own.name,
    rule: `a teacher is trained on what it sees, as the teacher inputs ${train.teacherInputs?.name}`,
    got: `${ofStudent} samples that the student of ${train.name} sees`,
    fix: "Give such inputs, or pair this data set with them (withTeacherInputs)",
    details: { ofStudent, ofTeacher },
  });
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
