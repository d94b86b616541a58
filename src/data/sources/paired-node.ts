/** @file Loaded data with other data as what the teacher sees of them: a recipe's teacherInputs. */

import { basename, extname } from "node:path";
import { DataError } from "../../errors/index.ts";
import { withTeacherInputs } from "../teacher-inputs.ts";
import type { DataSpec, LoadedData } from "./data-spec.ts";
import { filesBelow } from "./files-below-node.ts";
import { soundNames } from "./speech-node.ts";

/** Data, and where they were loaded from. */
export interface Sourced {
  readonly spec: DataSpec;
  readonly data: LoadedData;
}

/**
 * Pairs data with what the teacher sees of them: sample by sample, in the order of the files. Where
 * both are folders of images, of recordings or of speech, the files must be called alike, but for
 * their endings. Windows of recordings must begin at the same moments.
 *
 * @throws DataError "data/pairs" for a test part of one alone, naming two files that are called
 *   otherwise, and for windows of recordings that move on otherwise; as withTeacherInputs
 */
export async function pairedData(samples: Sourced, inputs: Sourced): Promise<LoadedData> {
  const { train, test, ...rest } = samples.data;
  await assertSameFiles(samples.spec, inputs.spec);
  assertSameHops(samples.spec, inputs.spec);
  if ((test === null) !== (inputs.data.test === null))
    throw new DataError("data/pairs", {
      where: "teacherInputs",
      rule: `there must be ${test === null ? "no test part, as data have none" : "a test part, as data have one"}`,
      got: test === null ? "one" : "none",
      fix: "Give both a test part of their own, or neither and split.test",
    });
  return {
    ...rest,
    train: withTeacherInputs(train, inputs.data.train),
    test: test && withTeacherInputs(test, inputs.data.test!), // as was just compared
  };
}

type FolderSpec = Extract<DataSpec, { readonly source: "images" | "recordings" | "speech" }>;

function isOfFiles(spec: DataSpec): spec is FolderSpec {
  return ["images", "recordings", "speech"].includes(spec.source);
}

async function assertSameFiles(samples: DataSpec, inputs: DataSpec): Promise<void> {
  if (!isOfFiles(samples) || !isOfFiles(inputs) || samples.source !== inputs.source) return;
  const [own, other] = [foldersOf(samples), foldersOf(inputs)];
  for (const [at, folder] of own.entries()) {
    const paired = other[at];
    if (folder === undefined || paired === undefined) continue;
    const [names, found] = [await sampleNames(samples, folder), await sampleNames(inputs, paired)];
    const wrong = names.findIndex((name, n) => name !== found[n]);
    const first = wrong === -1 && found.length > names.length ? names.length : wrong;
    if (first === -1) continue;
    throw new DataError("data/pairs", {
      where: `teacherInputs, ${paired}`,
      rule: `its files, sorted by their names, must be called as those of ${folder} but for the endings, whose file ${first + 1} is ${names[first] ?? "none"}`,
      got: found[first] ?? "none",
      fix: fixOf(names, found),
    });
  }
}

/** Files are sorted with their endings: a.left.png stands before a.png, but behind a.jpg. */
function fixOf(names: readonly string[], found: readonly string[]): string {
  return names.toSorted().join("\n") === found.toSorted().join("\n")
    ? "Give the files of both folders the same ending: names that hold a further dot sort otherwise with another"
    : "Give both folders the same files, under the same names but for their endings";
}

/**
 * Window w of both must begin at one moment: hops are the same, or, of recordings with more or
 * fewer steps a second, the same part of a window.
 */
function assertSameHops(samples: DataSpec, inputs: DataSpec): void {
  if (samples.source !== "recordings" || inputs.source !== "recordings") return;
  const isInStep = samples.hop === inputs.hop;
  if (isInStep || samples.hop * inputs.window === inputs.hop * samples.window) return;
  const cut = ({ window, hop }: typeof samples): string => `window ${window}, hop ${hop}`;
  throw new DataError("data/pairs", {
    where: "teacherInputs",
    rule: `windows must begin when those of data do (${cut(samples)}): the same hop, or the same hop for each step of a window`,
    got: cut(inputs),
    fix: `Write hop: ${samples.hop}; for recordings of another rate make window and hop larger or smaller by one factor`,
  });
}

/** @returns the folders of all parts, at the part's place */
function foldersOf(spec: FolderSpec): readonly (string | undefined)[] {
  const transfer = "transfer" in spec ? spec.transfer?.folder : undefined;
  return [spec.folder, spec.test?.folder, transfer];
}

/** @returns paths of the files that hold samples, without endings, in the samples' order */
async function sampleNames({ source }: FolderSpec, folder: string): Promise<readonly string[]> {
  const names = await filesBelow(folder, `a folder of ${source}`);
  const isSample = (name: string): boolean =>
    source === "speech"
      ? soundNames.includes(extname(name).toLowerCase())
      : basename(name) !== "Thumbs.db";
  return names.filter(isSample).map((name) => name.slice(0, name.length - extname(name).length));
}
