/**
 * @file A recipe's parts of its data: training, validation and test, and which labels of the
 * training part are kept.
 */

import {
  assertDisjoint,
  assertGroupsApart,
  type Dataset,
  type LoadedData,
  labelledSamples,
  splitDataset,
  UNLABELLED,
  withLabels,
} from "../../data/index.ts";
import { ConfigError, DataError } from "../../errors/index.ts";
import { evenOrder } from "./even-order.ts";
import type { Recipe, SplitRecipe } from "./recipe.ts";
import { transferPart } from "./transfer-part.ts";

export interface DataParts {
  /** what the students are trained on */
  readonly train: Dataset;
  readonly validation: Dataset;
  /** null if the data have no test part and the recipe asks for none */
  readonly test: Dataset | null;
  /** all but the test part (and its groups' unlabelled samples) in the data's order: for `label` */
  readonly transfer: Dataset;
  /** the training part with all its labels; `whole` itself unless the recipe says `labelled` */
  readonly trainAllLabels: Dataset;
  /** the training part before `transfer` took samples away; `train` itself without it */
  readonly whole: Dataset;
  /** class indices without a training sample: `transfer` withholds them, or there is none */
  readonly withheld: readonly number[];
}

const defaultValidation = 0.1;

/**
 * First the test part is set aside (the data's own, or `split.test` of all samples; without samples
 * of no label), then
 * `split.validation` of the other samples; then all but `labelled` labels of the training part
 * are taken away; last, the samples that `transfer` withholds. The last three steps depend on the
 * samples that are not test alone, so they can be repeated where the test part is not known.
 *
 * @throws ConfigError "config/conflict" for `split.test` with data that have a test part;
 *   DataError "data/labelled" for more `labelled` than there are, "data/leak" for samples on two
 *   sides or groups of train in the data's own test part, and those of splitDataset and
 *   transferPart
 */
export function splitData(
  { train: all, test: own }: LoadedData,
  { split = {}, labelled, transfer: shown = {} }: Pick<Recipe, "split" | "labelled" | "transfer">,
): DataParts {
  if (own !== null && split.test !== undefined)
    throw new ConfigError("config/conflict", {
      where: "split.test",
      rule: `${all.name} has a test part of its own`,
      got: `test: ${split.test}`,
      fix: "Leave split.test out, or data.test",
    });
  if (own !== null) {
    assertGroupsApart({ train: all, test: own });
    assertDisjoint({ train: all, test: own }); // samples by their numbers in the data
  }
  const { transfer, test } =
    own === null ? testPart(all, split) : { transfer: all, test: judgedSamples(own) };
  const share = split.validation ?? defaultValidation;
  const parts = splitDataset(transfer, { ...settings(split), validation: share });
  assertDisjoint({ train: parts.train, validation: parts.validation, ...(test && { test }) });
  const { train: trainAllLabels, validation } = parts;
  const { seed = 1 } = split;
  const whole =
    labelled === undefined ? trainAllLabels : keepLabels(trainAllLabels, labelled, seed);
  const { train, withheld } = transferPart(whole, trainAllLabels.labels, shown, seed);
  return { train, validation, test, transfer, trainAllLabels, whole, withheld };
}

/** A model is judged by samples with labels; where words are counted, by whole recordings. */
function judgedSamples(test: Dataset): Dataset {
  return (test.recordings?.words ?? null) === null ? labelledSamples(test) : test;
}

function testPart(all: Dataset, split: SplitRecipe): { transfer: Dataset; test: Dataset | null } {
  if (split.test === undefined) return { transfer: all, test: null };
  const parts = splitDataset(all, { ...settings(split), validation: split.test });
  const { train: transfer, validation: test } = parts;
  return { transfer: { ...transfer, name: all.name }, test: { ...test, name: `${all.name}/test` } };
}

/** Without `by` the data decide: by group where they have groups, else sample by sample. */
function settings({ validation: _, test: __, seed = 1, by, ...rest }: SplitRecipe) {
  if (by === undefined) return { ...rest, seed };
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
  const order = evenOrder(known, dataset.labels, [seed, "labelled"]);
  for (const at of order.slice(0, count)) labels[at] = dataset.labels[at]!; // a known index
  return withLabels(dataset, labels);
}
