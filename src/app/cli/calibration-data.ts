/** @file The data that an export is calibrated with and compared on. */

import {
  type DataSpec,
  type Dataset,
  type Hearing,
  type LoadedData,
  labelledSamples,
  spreadSamples,
} from "../../data/index.ts";
import { ConfigError } from "../../errors/index.ts";
import { parseDataSpec, splitData } from "../spec/index.ts";
import { encodedAs, encodingOf, modelFileAt } from "./data-encoding.ts";
import { loadAnyData } from "./load-data.ts";
import { readRecipe } from "./recipe-file.ts";

/** Samples on which float and int8 are compared. */
const checkedSamples = 500;

/** Samples of an export: to calibrate with, and to compare on. */
export interface CalibrationData {
  readonly calibration: Dataset;
  readonly check: Dataset;
  /** of a recipe */
  readonly validation: Dataset | null;
  readonly hearing?: Hearing;
}

/** @returns samples to calibrate with, and others to compare on where the data have any */
export async function calibrationData({
  calibration: text,
  model,
}: {
  readonly calibration: string;
  readonly model: string;
}): Promise<CalibrationData> {
  const load: Load = async (spec) =>
    loadAnyData(encodedAs(await encodingOf(spec, modelFileAt(model)), spec));
  const parts = /\.ya?ml$/.test(text) ? await recipeParts(text, load) : await specParts(text, load);
  return { ...parts, check: spreadSamples(labelledSamples(parts.check), checkedSamples) };
}

type Load = (spec: DataSpec) => Promise<LoadedData>;

async function recipeParts(file: string, load: Load) {
  const recipe = await readRecipe(file, []);
  if (recipe.data === undefined)
    throw new ConfigError("config/usage", {
      where: "potstill export --calibration",
      rule: `${file} names no data`,
      fix: "Name a recipe that has data, or the data themselves",
    });
  const data = await load(recipe.data);
  const { train, validation } = splitData(data, recipe);
  return { calibration: train, check: validation, validation, ...hearingOf(data) };
}

async function specParts(text: string, load: Load) {
  const data = await load(parseDataSpec(text, "--calibration"));
  const { train, test } = data;
  return { calibration: train, check: test ?? train, validation: null, ...hearingOf(data) };
}

function hearingOf({ hearing }: LoadedData): { readonly hearing?: Hearing } {
  return hearing === undefined ? {} : { hearing };
}
