/** @file The axes of a sweep: words such as T=1,2,4, and the recipes of all their combinations. */

import { parse } from "yaml";
import { ConfigError, isDistillError, nearestName } from "../errors/index.ts";
import { parseRecipe } from "./parse-recipe.ts";
import type { Recipe } from "./recipe.ts";

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

/** @returns overrides of a recipe that give an axis a value */
type Setter = (value: unknown, recipe: Recipe) => readonly string[];

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
  return (value, recipe) =>
    set(`teacher.${"train" in recipe.teacher ? "train." : ""}${name}`)(value, recipe);
}

/** The peak of the schedule that the recipe has. */
function setLearningRate(value: unknown, { training }: Recipe): readonly string[] {
  const { learningRate } = training;
  const isSchedule = typeof learningRate === "object";
  return set(isSchedule ? "training.learningRate.value" : "training.learningRate")(value, {
    training,
  } as Recipe); // the setter of a path looks at no recipe
}

/**
 * Units or channels of the student's first layer; further layers keep their ratio to it, rounded.
 * Families with a width of their own have that set.
 */
function setWidth(value: unknown, { student }: Recipe): readonly string[] {
  const [key, list] = widthsOf(student);
  if (list === null) return set(`student.${key}`)(value, {} as Recipe); // as above
  const first = list[0];
  if (typeof value !== "number" || first === undefined)
    throw new ConfigError("config/override", {
      where: `sweep, student.width=${JSON.stringify(value)}`,
      rule: "student.width is a number, and the recipe's student has a layer to change",
      got: `${JSON.stringify(value)} for student.${key} = ${JSON.stringify(list)}`,
      fix: `Give a number, or sweep student.${key}=[30],[30,30]`,
    });
  return set(`student.${key}`)(
    list.map((width) => Math.max(1, Math.round((width / first) * value))),
    {} as Recipe, // as above
  );
}

function widthsOf(student: Recipe["student"]): readonly [string, readonly number[] | null] {
  if (!("family" in student)) return ["hidden", []]; // a search has no layers yet
  switch (student.family) {
    case "mlp":
      return ["hidden", student.hidden];
    case "cnn":
    case "tcn":
      return ["channels", student.channels];
    case "gru":
      return ["units", student.units];
    case "dsCnn":
      return ["channels", null];
    default:
      return ["width", null];
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
 * point whose learning rate is an axis's has no `tuning`, which would choose another one.
 *
 * @param text of the recipe file
 * @throws ConfigError "config/unknown-name" for an axis that is no place in the recipe, with the
 *   nearest; "config/override" for a name twice; "config/conflict" for an axis over the learning
 *   rate and one over `tuning`; as parseRecipe
 */
export function sweepPoints(
  text: string,
  file: string,
  axes: readonly SweepAxis[],
): readonly SweepPoint[] {
  assertNames(axes);
  assertOneRate(axes);
  const base = parseRecipe(text, file);
  const varied = axes.filter(({ values }) => values.length > 1);
  return combinations(axes).map((values) => {
    const overrides = axes.flatMap(({ name }, at) => overridesOf(name, values[at], base));
    const named = varied.map(({ name }) => {
      const value = values[axes.findIndex((axis) => axis.name === name)];
      return `${name}=${showValue(value)}`;
    });
    const { tuning, ...recipe } = pointRecipe(text, file, overrides, axes);
    const isGiven = axes.some(({ name }, at) => givesRate(name, values[at]));
    const isTuned = tuning !== undefined && !isGiven;
    return { values, name: named.join(" "), recipe: isTuned ? { ...recipe, tuning } : recipe };
  });
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

function overridesOf(name: string, value: unknown, base: Recipe): readonly string[] {
  const setter = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  return (setter ?? set(name))(value, base);
}

function pointRecipe(
  text: string,
  file: string,
  overrides: readonly string[],
  axes: readonly SweepAxis[],
): Recipe {
  try {
    return parseRecipe(text, file, overrides);
  } catch (error) {
    throw unknownAxis(error, axes) ?? error;
  }
}

/** A mistyped short name is told as such; mistyped paths are told by the recipe's own check. */
function unknownAxis(error: unknown, axes: readonly SweepAxis[]): ConfigError | undefined {
  if (!isDistillError(error) || error.code !== "config/unknown-key") return undefined;
  const named = axes.find(({ name }) => error.message.includes(`override ${name}=`));
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

function combinations(axes: readonly SweepAxis[]): readonly (readonly unknown[])[] {
  return axes.reduce<readonly (readonly unknown[])[]>(
    (all, { values }) => all.flatMap((start) => values.map((value) => [...start, value])),
    [[]],
  );
}
