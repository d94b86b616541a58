/**
 * @file What is wrong with a recipe, in the recipe's own words: from zod's issues to problems
 * with a path.
 */

import type * as z from "zod";
import { nearestName } from "../../errors/index.ts";
import { formsAt, keysAt, listFormAt } from "./schema-keys.ts";

/** One thing to correct. */
export interface Problem {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  /** the complaint is about the key itself, not its value */
  readonly atKey?: boolean;
  readonly rule: string;
  readonly got?: string;
  readonly fix?: string;
  /** the key that is missing, or that an unknown one seems to mean */
  readonly meant?: string;
}

interface Context {
  readonly schema: z.ZodType;
  readonly value: unknown;
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** @returns every problem of `value`, in the order of the schema */
export function findProblems(schema: z.ZodType, value: unknown): readonly Problem[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  const problems = result.error.issues.flatMap((issue) => explain(issue, [], { schema, value }));
  const mistyped = problems.flatMap(({ atKey, meant }) => (atKey ? [meant] : []));
  return problems.filter(
    ({ code, meant }) => code !== "config/missing" || !mistyped.includes(meant),
  );
}

function explain(issue: Issue, prefix: Path, context: Context): readonly Problem[] {
  const path = [...prefix, ...issue.path];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], context));
    case "invalid_union":
      return explainUnion(issue, path, context);
    case "invalid_value":
      return [wrongName(path, issue.values, context)];
    case "invalid_type":
      return valueAt(context.value, path) === undefined
        ? [missing(path, listFormAt(context.schema, path, context.value))]
        : [wrongType(path, issue.expected, context)];
    case "too_small":
    case "too_big":
      return [outOfRange(path, issue, context)];
    default:
      return [
        {
          code: "config/value",
          path,
          rule: `${placeName(path)} ${issue.message}`,
          got: show(valueAt(context.value, path)),
        },
      ];
  }
}

function unknownKey(path: Path, { schema, value }: Context): Problem {
  const key = String(path.at(-1));
  const parent = path.slice(0, -1);
  const beside = Object.keys(Object(valueAt(value, parent))).filter((other) => other !== key);
  const valid = keysBeside(beside, formsAt(schema, parent, value));
  const near = nearestName(key, valid);
  const section = parent.length === 0 ? "" : ` in ${placeName(parent)}`;
  return {
    code: "config/unknown-key",
    path,
    atKey: true,
    rule: `unknown key "${key}"${section}`,
    fix: `${near === undefined ? "" : `Did you mean "${near}"? `}Valid: ${valid.join(", ")}`,
    ...(near !== undefined && { meant: placeName([...parent, near]) }),
  };
}

/** @returns the keys of the forms that have most of what else is there: those that are meant */
function keysBeside(
  beside: readonly string[],
  forms: readonly (readonly string[])[],
): readonly string[] {
  const known = (form: readonly string[]): number =>
    beside.filter((key) => form.includes(key)).length;
  const most = Math.max(...forms.map(known));
  return [...new Set(forms.filter((form) => known(form) === most).flat())];
}

/** @param form what to put there */
function missing(path: Path, form?: string): Problem {
  return {
    code: "config/missing",
    path: path.slice(0, -1),
    rule: `"${placeName(path)}" is missing`,
    fix: `Add ${placeName(path)}${form === undefined ? "" : `: ${form}`}`,
    meant: placeName(path),
  };
}

function wrongType(path: Path, expected: string, { value }: Context): Problem {
  return {
    code: "config/type",
    path,
    rule: `${placeName(path)} must be ${typeNames[expected] ?? expected}`,
    got: show(valueAt(value, path)),
  };
}

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a section with keys",
};

function wrongName(path: Path, values: readonly unknown[], { value }: Context): Problem {
  const names = values.map(String);
  const got = valueAt(value, path);
  if (got === undefined) return missing(path, `one of ${names.join(", ")}`);
  const common = { code: "config/unknown-name", path };
  if (typeof got !== "string")
    return {
      ...common,
      rule: `${placeName(path)} must be one of ${names.join(", ")}`,
      got: show(got),
    };
  const near = nearestName(got, names);
  return {
    ...common,
    rule: `unknown ${placeName(path)} "${got}"`,
    fix: `${near === undefined ? "" : `Did you mean "${near}"? `}Valid: ${names.join(", ")}`,
  };
}

function outOfRange(
  path: Path,
  issue: Extract<Issue, { code: "too_small" | "too_big" }>,
  { value }: Context,
): Problem {
  const isSmall = issue.code === "too_small";
  const limit = isSmall ? issue.minimum : issue.maximum;
  const sign = `${isSmall ? ">" : "<"}${issue.inclusive === false ? "" : "="}`;
  const isList = issue.origin === "array";
  const rule = isList
    ? `${placeName(path)} must have ${isSmall ? "at least" : "at most"} ${limit} ${limit === 1 ? "entry" : "entries"}`
    : issue.origin === "string"
      ? `${placeName(path)} must not be empty`
      : `${placeName(path)} must be ${sign} ${limit}`;
  return { code: "config/range", path, rule, got: show(valueAt(value, path)) };
}

type UnionIssue = Extract<Issue, { code: "invalid_union" }>;

/** Explains why none of several forms fits, in terms of the form that was most likely meant. */
function explainUnion(issue: UnionIssue, path: Path, context: Context): readonly Problem[] {
  const value = valueAt(context.value, path);
  if (issue.errors.length === 0) return [wrongDiscriminator(issue, path, context)];
  if (value === undefined) return [missing(path)];
  const isOfType = (issues: readonly Issue[]): boolean =>
    !issues.some(
      ({ code, path: at }) =>
        at.length === 0 &&
        (code === "invalid_type" || (code === "invalid_value" && typeof value === "object")),
    );
  const ofType = issue.errors.filter(isOfType);
  if (ofType.length === 0) return [noFormFits(issue, path, value)];
  const known = ofType.filter((issues) => !knowsNoKey(issues, value));
  const forms = known.length > 0 ? known : ofType;
  const only = forms.length === 1 ? forms[0] : undefined;
  if (only !== undefined) return only.flatMap((inner) => explain(inner, path, context));
  const valid = keysAt(context.schema, path, context.value);
  const unknown = Object.keys(Object(value)).filter((key) => !valid.includes(key));
  if (unknown.length > 0) return unknown.map((key) => unknownKey([...path, key], context));
  const best = forms.toSorted((a, b) => misfit(a, value) - misfit(b, value))[0]!; // not empty
  if (misfit(best, value) === 0) return best.flatMap((inner) => explain(inner, path, context));
  return [severalForms(path, context)];
}

/** True of a form that has none of the keys that are there. */
function knowsNoKey(issues: readonly Issue[], value: unknown): boolean {
  const given = Object.keys(Object(value));
  const unknown = issues.flatMap((inner) =>
    inner.code === "unrecognized_keys" && inner.path.length === 0 ? inner.keys : [],
  );
  return given.length > 0 && given.every((key) => unknown.includes(key));
}

/** Keys of the form itself that are not there, or are there and do not belong to it. */
function misfit(issues: readonly Issue[], value: unknown): number {
  return issues.reduce((total, { code, path, ...rest }) => {
    if (code === "unrecognized_keys" && path.length === 0)
      return total + (rest as { keys: readonly string[] }).keys.length; // of this code
    const isMissing = path.length === 1 && valueAt(value, path) === undefined;
    return total + (isMissing ? 1 : 0);
  }, 0);
}

function wrongDiscriminator(issue: UnionIssue, path: Path, context: Context): Problem {
  const { options } = issue as { options?: readonly unknown[] }; // set where a discriminator did not match
  if (valueAt(context.value, path) !== undefined) return wrongName(path, options ?? [], context);
  return missing(path, `one of ${(options ?? []).join(", ")}`);
}

function noFormFits(issue: UnionIssue, path: Path, value: unknown): Problem {
  const expected = issue.errors
    .flat()
    .flatMap((inner) => (inner.code === "invalid_type" && inner.path.length === 0 ? [inner] : []))
    .map((inner) => typeNames[inner.expected] ?? inner.expected);
  const rule = `${placeName(path)} must be ${[...new Set(expected)].join(" or ")}`;
  return { code: "config/type", path, rule, got: show(value) };
}

function severalForms(path: Path, { schema, value }: Context): Problem {
  const forms = formsAt(schema, path, value);
  const own = forms.map((keys) => keys[0]!); // the first key of a form is the one that names it
  const got = Object.keys(Object(valueAt(value, path)));
  return {
    code: "config/conflict",
    path,
    rule: `${placeName(path)} must have exactly one of ${own.join(", ")}`,
    got: got.length === 0 ? "none" : got.join(", "),
    fix: `Keep one of them with its own options: ${forms.map((keys) => keys.join(" ")).join(" | ")}`,
  };
}

/** @returns "training.epochs", "ensemble[0].model" */
export function placeName(path: Path): string {
  if (path.length === 0) return "the recipe";
  return path.reduce<string>(
    (text, key) =>
      typeof key === "number"
        ? `${text}[${key}]`
        : text === ""
          ? String(key)
          : `${text}.${String(key)}`,
    "",
  );
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined, // any object may be asked for a key
    value,
  );
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
