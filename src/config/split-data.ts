/**
 * @file A recipe's parts of its data: training, validation and test, and which labels of the
 * training part are kept.
 */

import {
  assertDisjoint,
  type Dataset,
  datasetHash,
  type LoadedData,
  splitDataset,
  UNLABELLED,
} from "../data/index.ts";
import { ConfigError, DataError } from "../errors/index.ts";
import { permutation } from "../tensor/index.ts";
import type { Recipe, SplitRecipe } from "./recipe.ts";

export interface DataParts {
  readonly train: Dataset;
  readonly validation: Dataset;
  /** null if the data have no test part and the recipe asks for none */
  readonly test: Dataset | null;
  /** training and validation samples in the data's order: what `label` labels */
  readonly transfer: Dataset;
  /** the training part with all its labels; `train` itself unless the recipe says `labelled` */
  readonly trainAllLabels: Dataset;
}

const defaultValidation = 0.1;

/**
 * First the test part is set aside (the data's own, or `split.test` of all samples), then
 * `split.validation` of the other samples; last, all but `labelled` labels of the training part
 * are taken away. The last two steps depend on the samples that are not test alone, so they can
 * be repeated where the test part is not known.
 *
 * @throws ConfigError "config/conflict" for `split.test` with data that have a test part;
 *   DataError
 *   "data/labelled" for more `labelled` than there are, "data/leak" and those of splitDataset
 */
export function splitData(
  { train: all, test: own }: LoadedData,
  { split = {}, labelled }: Pick<Recipe, "split" | "labelled">,
): DataParts {
  if (own !== null && split.test !== undefined)
    throw new ConfigError("config/conflict", {
      where: "split.test",
      rule: `${all.name} has a test part of its own`,
      got: `test: ${split.test}`,
      fix: "Leave split.test out, or data.test",
    });
  const { transfer, test } = own === null ? testPart(all, split) : { transfer: all, test: own };
  const validation = split.validation ?? defaultValidation;
  const parts = splitDataset(transfer, { ...settings(split), validation });
  assertDisjoint({ train: parts.train, validation: parts.validation, ...(test && { test }) });
  const train =
    labelled === undefined ? parts.train : keepLabels(parts.train, labelled, split.seed ?? 1);
  return { train, validation: parts.validation, test, transfer, trainAllLabels: parts.train };
}

function testPart(all: Dataset, split: SplitRecipe): { transfer: Dataset; test: Dataset | null } {
  if (split.test === undefined) return { transfer: all, test: null };
  const parts = splitDataset(all, { ...settings(split), validation: split.test });
  const { train: transfer, validation: test } = parts;
  return { transfer: { ...transfer, name: all.name }, test: { ...test, name: `${all.name}/test` } };
}

function settings({ validation: _, test: __, seed = 1, by = "sample", ...rest }: SplitRecipe) {
  return { ...rest, seed, by: by === "sample" ? ("sample" as const) : ("group" as const) };
}

/**
 * Keeps `count` labels, each class's share within one of exact; the same choice for the same
 * seed.
 */
function keepLabels(dataset: Dataset, count: number, seed: number): Dataset {
  const known = [...dataset.labels.keys()].filter((at) => dataset.labels[at] !== UNLABELLED);
  if (count > known.length)
    throw new DataError("data/labelled", {
      where: "labelled",
      rule: `the training part has ${known.length} labels`,
      got: `${count}`,
      fix: "Ask for fewer, or leave labelled out",
      details: { available: known.length, asked: count },
    });
  const labels = new Int32Array(dataset.length).fill(UNLABELLED);
  for (const at of spread(dataset, known, seed).slice(0, count)) labels[at] = dataset.labels[at]!; // a known index
  const { hash: _, ...rest } = dataset;
  let hash: string | undefined;
  const relabelled = { ...rest, labels };
  return { ...relabelled, hash: () => (hash ??= datasetHash(relabelled)) };
}

/**
 * Orders samples so that every beginning of the order has each class's share, within one of
 * exact.
 */
function spread(dataset: Dataset, known: readonly number[], seed: number): readonly number[] {
  const byClass = dataset.classNames.map((_, label) => {
    const members = known.filter((at) => dataset.labels[at] === label);
    const order = permutation(members.length, seed, "labelled", label);
    return Array.from(order, (at, place) => ({
      sample: members[at]!, // a permutation of the members
      position: (place + 0.5) / members.length,
    }));
  });
  return byClass
    .flat()
    .sort((a, b) => a.position - b.position || a.sample - b.sample)
    .map(({ sample }) => sample);
}
