/**
 * @file Two inputs per sample: what the teacher sees of a moment beside what the student sees of
 * it.
 */

import { ConfigError, DataError } from "../errors/index.ts";
import { datasetHash } from "./content-hash.ts";
import { type Dataset, UNLABELLED } from "./dataset.ts";

/**
 * The same data set with other inputs for its teacher: a picture of more pixels, clean sound, all
 * sensors. Shape, dtype, preprocessing and encoding may differ; classes, labels, groups and
 * recordings stay the data set's, and its hash and keys are those of what the student sees. A
 * teacher is trained on, and asked about, what is paired here; parts of the data set keep their
 * pairs. Nothing is copied.
 *
 * Windows of recordings are paired by number: window w of both must begin at one moment.
 *
 * @param paired what the teacher sees of sample 0, 1, …; may be without labels and groups
 * @throws ConfigError "config/type" for what is no data set; DataError "data/pairs" for a data set
 *   that is paired already; "data/length" for another number of samples; "data/class" for labels of
 *   other classes, "data/label" for a label that the data set has not, "data/groups" for other
 *   groups or recordings: samples in another order
 * @see Gupta, Hoffman, Malik (2016), Cross Modal Distillation for Supervision Transfer, §3,
 *   arXiv:1507.00448 (paired images of two modalities); Lopez-Paz, Bottou, Schölkopf, Vapnik
 *   (2016), Unifying distillation and privileged information, §4, arXiv:1511.03643
 * @example
 *   const { student } = await distiller.fit(withTeacherInputs(lowResolution, highResolution));
 */
export function withTeacherInputs(dataset: Dataset, paired: Dataset): Dataset {
  for (const given of [dataset, paired]) assertIsDataset(given);
  assertPairs(dataset, paired);
  const { name, dtype, shape, preprocessing, text, frames, shuffle, gather, key, valueKey } =
    paired;
  return {
    ...dataset,
    teacherInputs: {
      ...{ name, dtype, shape, preprocessing, gather, key, valueKey },
      ...(text && { text }),
      ...(frames && { frames }),
      ...(shuffle && { shuffle }),
    },
  };
}

/**
 * @returns the data set with what its teacher sees as its samples, labels and groups as they are;
 *   itself where the teacher sees what the student sees
 */
export function seenByTeacher(dataset: Dataset): Dataset {
  const { teacherInputs, text: _, frames: __, shuffle: ___, hash: ____, ...known } = dataset;
  if (teacherInputs === undefined) return dataset;
  const body = { ...known, valueKey: undefined, ...teacherInputs };
  let hash: string | undefined;
  return { ...body, hash: () => (hash ??= datasetHash(body)) };
}

/** For callers without types: what loadData gives is easily taken for a data set. */
function assertIsDataset(given: unknown): void {
  const { gather, train } = (given ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof gather === "function") return;
  throw new ConfigError("config/type", {
    where: "withTeacherInputs",
    rule: "there must be two data sets",
    got:
      given instanceof Promise
        ? "a promise: await it"
        : train === undefined
          ? String(given)
          : "loaded data",
    fix: "Pair each part: withTeacherInputs(data.train, inputs.train)",
  });
}

const inOrder = "Give both the same samples in the same order";

function assertPairs(dataset: Dataset, paired: Dataset): void {
  const refuse = refusalOf(paired);
  const twice = [dataset, paired].find(({ teacherInputs }) => teacherInputs !== undefined);
  if (twice !== undefined)
    refuse(
      "data/pairs",
      "a sample has one input for the student and one for the teacher",
      `${twice.name}, which has teacher inputs already`,
      "Pair the two data sets once",
    );
  if (paired.length !== dataset.length)
    refuse(
      "data/length",
      `there must be one for each of the ${dataset.length} samples of ${dataset.name}`,
      String(paired.length),
      inOrder,
    );
  const isKnown = paired.labels.some((label) => label !== UNLABELLED);
  const [own, other] = [dataset, paired].map(({ classNames }) => classNames.join("\n"));
  if (isKnown && own !== other)
    refuse(
      "data/class",
      `labels must be of the classes ${dataset.classNames.join(", ")}, in this order`,
      paired.classNames.join(", "),
      "Give both the same classes in the same order (classNames)",
    );
  const wrong = paired.labels.findIndex(
    (label, at) => label !== UNLABELLED && label !== dataset.labels[at],
  );
  if (wrong !== -1)
    refuse(
      "data/label",
      `sample ${wrong} must have its label in ${dataset.name}, ${labelName(dataset, wrong)}`,
      labelName(paired, wrong),
      `${inOrder}, or leave the labels of the teacher's inputs out`,
    );
  assertSameGroups(dataset, paired);
}

function assertSameGroups(dataset: Dataset, paired: Dataset): void {
  const refuse = refusalOf(paired);
  const torn =
    firstTorn(dataset.groups, paired.groups) ??
    (dataset.recordings && firstTorn(dataset.recordings.of, paired.recordings?.of ?? null));
  if (torn !== undefined)
    refuse(
      "data/groups",
      `samples of one group or recording must be of one in ${dataset.name} too`,
      `sample ${torn} apart from others of its group`,
      `${inOrder}, with the groups of both`,
    );
  const other = firstOfAnother(dataset, paired);
  if (other !== undefined)
    refuse(
      "data/groups",
      `sample ${other} must be of its group in ${dataset.name}, "${dataset.groups![other]}"`, // both have groups
      `"${paired.groups![other]}"`,
      `${inOrder}; groups that only have the same names must be renamed, or left out of one`,
    );
}

type Refuse = (code: string, rule: string, got: string, fix: string) => void;

function refusalOf({ name }: Dataset): Refuse {
  return (code, rule, got, fix) => {
    throw new DataError(code, { where: `teacher inputs ${name}`, rule, got, fix });
  };
}

function labelName({ labels, classNames }: Dataset, at: number): string {
  const label = labels[at]!;
  return label === UNLABELLED ? "none" : `"${classNames[label]}"`;
}

/** @returns a sample that is of another group than one that it shares a group of `other` with */
function firstTorn(
  own: ArrayLike<string | number> | null,
  other: ArrayLike<string | number> | null,
): number | undefined {
  const found = new Map<string | number, string | number>();
  for (let at = 0; at < (other?.length ?? 0); at++) {
    const [group, shared] = [own?.[at] ?? at, other![at]!]; // without groups each is one
    if (!found.has(shared)) found.set(shared, group);
    if (found.get(shared) !== group) return at;
  }
  return undefined;
}

/** @returns a sample of two groups, where both sides name the same ones: one of them is sorted */
function firstOfAnother(dataset: Dataset, paired: Dataset): number | undefined {
  const [own, other] = [dataset.groups, paired.groups];
  if (own === null || other === null || dataset.localGroups || paired.localGroups) return undefined;
  const [names, others] = [new Set(own), new Set(other)];
  if (names.size !== others.size || own.some((name) => !others.has(name))) return undefined;
  const at = other.findIndex((name, sample) => name !== own[sample]);
  return at === -1 ? undefined : at;
}
