/** @file The axes of a sweep: words such as T=1,2,4, and the recipes of all their combinations. */

import { parse } from "yaml";
import { assertInRange, ConfigError, isDistillError, nearestName } from "../../errors/index.ts";
import { parseRecipe } from "./parse-recipe.ts";
import type { Recipe } from "./recipe.ts";
import { readRecipeDocument } from "./recipe-document.ts";

/** One thing that a sweep varies. */
export interface SweepAxis {
  /** as it was given: "T", "student.width", "distillation.softWeight" */
  readonly name: string;
  readonly values: readonly unknown[];
}

/** One combination of values. */
export interface SweepPoint {
  /** one value an axis, in their order */
  readonly values: readonly unknown[];
  /** "T=4 student.width=300" of the axes with several values */
  readonly name: string;
  readonly recipe: Recipe;
}

/** @returns what stands at a place of a point's recipe, as other axes have left it; unchecked */
type Look = (...path: readonly string[]) => unknown;

/** @returns overrides of a recipe that give an axis a value */
type Setter = (value: unknown, look: Look) => readonly string[];

const set =
  (path: string): Setter =>
  (value) => [`${path}=${JSON.stringify(value)}`];

/** Short names of places in a recipe. Every dotted path of a recipe is an axis too. */
const aliases: Readonly<Record<string, Setter>> = {
  T: set("distillation.temperature"),
  temperature: set("distillation.temperature"),
  softWeight: set("distillation.softWeight"),
  hardWeight: set("distillation.hardWeight"),
  alpha: (value) => [
    `distillation.hardWeight=${JSON.stringify(value)}`,
    `distillation.softWeight=${JSON.stringify(1 - Number(value))}`,
  ],
  loss: set("distillation.loss"),
  epochs: set("training.epochs"),
  batchSize: set("training.batchSize"),
  learningRate: setLearningRate,
  lr: setLearningRate,
  views: set("labels.views"),
  fraction: set("transfer.fraction"),
  combine: setOfTeacher("combine"),
  weights: setOfTeacher("weights"),
  "student.width": setWidth,
};

/** What the short names are called, for help texts. */
export const axisAliases: readonly string[] = Object.keys(aliases);

/** How the teacher's members are combined: a part of the way that the recipe gets one. */
function setOfTeacher(name: "combine" | "weights"): Setter {
  return (value, look) => {
    const isTrained = look("teacher", "train") !== undefined;
    return set(`teacher.${isTrained ? "train." : ""}${name}`)(value, look);
  };
}

/** The peak of the schedule that the recipe has. */
function setLearningRate(value: unknown, look: Look): readonly string[] {
  const isSchedule = typeof look("training", "learningRate") === "object";
  return set(isSchedule ? "training.learningRate.value" : "training.learningRate")(value, look);
}

/**
 * Units or channels of the student's first layer; further layers keep their ratio to it, rounded,
 * and have one unit at least. Families with a width of their own have that set.
 *
 * @throws ConfigError "config/override" without a number or a layer; "config/range" unless the
 *   first layer's width is a whole number from 1
 */
function setWidth(value: unknown, look: Look): readonly string[] {
  const [key, isList] = widthsOf(look("student", "family"));
  if (!isList) return set(`student.${key}`)(value, look);
  const list = look("student", key) ?? []; // a search has no layers yet
  const where = `sweep, student.width=${JSON.stringify(value)}`;
  if (typeof value !== "number" || !isWidths(list))
    throw new ConfigError("config/override", {
      where,
      rule: "student.width is a number, and the recipe's student has a layer to change",
      got: `${JSON.stringify(value)} for student.${key} = ${JSON.stringify(list)}`,
      fix: `Give a number, or sweep student.${key}=[30],[30,30]`,
    });
  assertInRange(where, { "student.width": value }, { from: 1, isInteger: true });
  const [first] = list;
  return set(`student.${key}`)(
    list.map((width) => Math.max(1, Math.round((width / first) * value))),
    look,
  );
}

function isWidths(list: unknown): list is readonly [number, ...number[]] {
  const isWidth = (width: unknown): boolean => Number.isInteger(width) && Number(width) >= 1;
  return Array.isArray(list) && list.length > 0 && list.every(isWidth);
}

/** @returns where a family's widths stand, and whether there is one for each layer */
function widthsOf(family: unknown): readonly [key: string, isList: boolean] {
  switch (family) {
    case undefined: // a search
    case "mlp":
      return ["hidden", true];
    case "cnn":
    case "tcn":
      return ["channels", true];
    case "gru":
      return ["units", true];
    case "dsCnn":
      return ["channels", false];
    default:
      return ["width", false];
  }
}

/**
 * @param word "T=1,2,4"; values are YAML, and lists and sections are values too:
 *   "student.hidden=[30],[300,300]"
 * @throws ConfigError "config/override" for a word that is no axis
 */
export function parseAxis(word: string): SweepAxis {
  const wrong = (got: string): ConfigError =>
    new ConfigError("config/override", {
      where: `sweep, ${word}`,
      rule: "an axis has the form name=value,value",
      got,
      fix: "Write for example T=1,2,4 or training.epochs=10,20",
    });
  const at = word.indexOf("=");
  if (at <= 0) throw wrong(at === 0 ? "no name" : "no =");
  const values = readValues(word.slice(at + 1));
  if (values === null || values.length === 0) throw wrong("values that are not YAML");
  const texts = values.map((value) => JSON.stringify(value));
  if (new Set(texts).size < texts.length) throw wrong("a value twice");
  return { name: word.slice(0, at), values };
}

function readValues(text: string): readonly unknown[] | null {
  try {
    const list: unknown = parse(`[${text}]`);
    return Array.isArray(list) ? list : null;
  } catch {
    return null;
  }
}

/**
 * All combinations, the last axis varying fastest, each checked as strictly as a recipe file. A
 * section is set before what is in it, and short names last, however the axes are ordered: none is
 * lost under another. A point whose learning rate is an axis's has no `tuning`, which would choose
 * another one.
 *
 * @param text of the recipe file
 * @throws ConfigError "config/unknown-name" for an axis that is no place in the recipe, with the
 *   nearest; "config/override" for a name twice, a place under two names, or two points of one
 *   recipe; "config/range" for a width that is none; "config/conflict" for an axis over the
 *   learning rate and one over `tuning`; as parseRecipe
 */
export function sweepPoints(
  text: string,
  file: string,
  axes: readonly SweepAxis[],
): readonly SweepPoint[] {
  assertNames(axes);
  assertOneRate(axes);
  parseRecipe(text, file); // what is wrong in the file itself is said with its line
  const varied = axes.filter(({ values }) => values.length > 1);
  const points = combinations(axes).map((values) => {
    const named = varied.map(({ name }) => {
      const value = values[axes.findIndex((axis) => axis.name === name)];
      return `${name}=${showValue(value)}`;
    });
    const { tuning, ...recipe } = pointRecipe(text, file, axes, values);
    const isGiven = axes.some(({ name }, at) => givesRate(name, values[at]));
    const isTuned = tuning !== undefined && !isGiven;
    return { values, name: named.join(" "), recipe: isTuned ? { ...recipe, tuning } : recipe };
  });
  assertDifferent(points);
  return points;
}

/** @returns whether an axis's value is the peak of the learning rate, or has one in it */
function givesRate(name: string, value: unknown): boolean {
  if (Object.hasOwn(aliases, name)) return aliases[name] === setLearningRate;
  if (name === "training")
    return typeof value === "object" && value !== null && "learningRate" in value;
  return name === "training.learningRate" || name === "training.learningRate.value";
}

/** @returns a value of an axis in few letters */
export function showValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function assertNames(axes: readonly SweepAxis[]): void {
  const names = axes.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new ConfigError("config/override", {
      where: "sweep",
      rule: "an axis is given once, with all its values",
      got: `${twice} twice`,
      fix: `Write ${twice}=value,value`,
    });
}

/** A rate is either given or chosen among several. */
function assertOneRate(axes: readonly SweepAxis[]): void {
  const rate = axes.find(({ name, values }) => values.some((value) => givesRate(name, value)));
  const tuned = axes.find(({ name }) => name.split(".")[0] === "tuning");
  if (rate === undefined || tuned === undefined) return;
  throw new ConfigError("config/conflict", {
    where: "sweep",
    rule: "a point's learning rate is either given by an axis or tuned",
    got: `the axes ${rate.name} and ${tuned.name}`,
    fix: "Leave one of them out",
  });
}

function pointRecipe(
  text: string,
  file: string,
  axes: readonly SweepAxis[],
  values: readonly unknown[],
): Recipe {
  const overrides: string[] = [];
  const namesOf = new Map<string, string>();
  const look: Look = (...path) =>
    path.reduce(partOf, readRecipeDocument(text, file, overrides).value);
  const settings = axes.map(({ name }, at) => ({ name, value: values[at] }));
  for (const { name, value } of settings.toSorted((a, b) => depthOf(a.name) - depthOf(b.name)))
    for (const override of setterOf(name)(value, look)) {
      const place = override.slice(0, override.indexOf("="));
      const isProportional = name === "student.width"; // another axis may give the proportions
      if (!isProportional) assertOnePlace(place, namesOf.get(place), name);
      namesOf.set(place, name);
      overrides.push(override);
    }
  try {
    return parseRecipe(text, file, overrides);
  } catch (error) {
    throw unknownAxis(error, axes) ?? error;
  }
}

/** Equal points would be trained twice, under names that say other things. */
function assertDifferent(points: readonly SweepPoint[]): void {
  const nameOf = new Map<string, string>();
  for (const { name, recipe } of points) {
    const text = JSON.stringify(recipe);
    const twin = nameOf.get(text);
    if (twin !== undefined)
      throw new ConfigError("config/override", {
        where: "sweep",
        rule: "every combination of values must be another recipe",
        got: `the same one for ${twin} and ${name}`,
        fix: "Leave the axis out that another one overrides",
        details: { points: [twin, name] },
      });
    nameOf.set(text, name);
  }
}

/** @param before the axis that has set the place already */
function assertOnePlace(place: string, before: string | undefined, name: string): void {
  if (before === undefined) return;
  throw new ConfigError("config/override", {
    where: "sweep",
    rule: "a place in the recipe is set by one axis",
    got: `${before} and ${name}, which both set ${place}`,
    fix: "Leave one of them out",
    details: { place, axes: [before, name] },
  });
}

function setterOf(name: string): Setter {
  const setter = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  return setter ?? set(name);
}

/** Short names look at what the paths have set. */
function depthOf(name: string): number {
  return Object.hasOwn(aliases, name) ? Number.MAX_SAFE_INTEGER : name.split(".").length;
}

function partOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[key] // any object may be asked for a key
    : undefined;
}

/** A mistyped short name is told as such; mistyped paths are told by the recipe's own check. */
function unknownAxis(error: unknown, axes: readonly SweepAxis[]): ConfigError | undefined {
  if (!isDistillError(error) || error.code !== "config/unknown-key") return undefined;
  const named = axes.find(({ name }) => isUnknownItself(name, error.message));
  if (named === undefined || Object.hasOwn(aliases, named.name)) return undefined;
  const near = nearestName(named.name, axisAliases);
  if (near === undefined && named.name.includes(".")) return undefined;
  return new ConfigError("config/unknown-name", {
    where: `sweep, ${named.name}=${named.values.map(showValue).join(",")}`,
    rule: `unknown axis "${named.name}"`,
    fix: `${near === undefined ? "" : `Did you mean "${near}"? `}Short names: ${axisAliases.join(", ")}; every path of the recipe, such as training.epochs, is an axis too`,
    details: { name: named.name, near },
    cause: error,
  });
}

/** @returns whether the unknown key is one of an axis's path, and not one in the axis's value */
function isUnknownItself(name: string, message: string): boolean {
  const keys = name.split(".");
  const isTheOne = (key: string, at: number): boolean => {
    const section = at === 0 ? "" : ` in ${keys.slice(0, at).join(".")}`;
    return message.includes(`: unknown key "${key}"${section}.`);
  };
  return message.startsWith(`override ${name}=`) && keys.some(isTheOne);
}

function combinations(axes: readonly SweepAxis[]): readonly (readonly unknown[])[] {
  return axes.reduce<readonly (readonly unknown[])[]>(
    (all, { values }) => all.flatMap((start) => values.map((value) => [...start, value])),
    [[]],
  );
}
