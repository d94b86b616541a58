/**
 * @file Looks into a schema: which keys may stand at a place, and in what form. For "did you mean"
 * and for lists of valid names.
 */

import type * as z from "zod";

type Path = readonly PropertyKey[];

/**
 * @returns all keys that the object at `path` may have in any form that `root` leaves open; [] if
 *   no
 *   object may stand there
 */
export function keysAt(schema: z.ZodType, path: Path, root: unknown): readonly string[] {
  const found = schemasAt([schema], path, root);
  return [...new Set(found.flatMap((form) => Object.keys(shapeOf(form) ?? {})))];
}

/** @returns the keys of each form of the object at `path`, forms without keys left out */
export function formsAt(
  schema: z.ZodType,
  path: Path,
  root: unknown,
): readonly (readonly string[])[] {
  return schemasAt([schema], path, root).flatMap((found) => {
    const shape = shapeOf(found);
    return shape === undefined ? [] : [Object.keys(shape)];
  });
}

/** @returns what a list of fixed length holds, "[height, width]"; undefined for other values */
export function listFormAt(schema: z.ZodType, path: Path, root: unknown): string | undefined {
  const lists = schemasAt([schema], path, root).filter((at) => definition(at).type === "tuple");
  return lists.map((list) => (list as z.ZodType).description).find((form) => form !== undefined);
}

type Shape = Readonly<Record<string, z.core.$ZodType>>;

function shapeOf(schema: z.core.$ZodType): Shape | undefined {
  const def = definition(schema);
  return def.type === "object" ? def.shape : undefined;
}

/** Every schema that may apply at the end of `path`, unions and optional ones opened. */
function schemasAt(
  schemas: readonly z.core.$ZodType[],
  path: Path,
  value: unknown,
): readonly z.core.$ZodType[] {
  const open = schemas.flatMap(opened);
  const isObject = (schema: z.core.$ZodType): boolean => shapeOf(schema) !== undefined;
  const meant = open.filter((schema) => agrees(schema, value));
  const forms = meant.some(isObject) || !open.some(isObject) ? meant : open;
  const [key, ...rest] = path;
  if (key === undefined) return forms;
  return schemasAt(
    forms.flatMap((schema) => child(schema, key)),
    rest,
    (Object(value) as Record<PropertyKey, unknown>)[key], // any value may be asked for a key
  );
}

/** False for a form that fixes a field (source: csv) to something else than the value has. */
function agrees(schema: z.core.$ZodType, value: unknown): boolean {
  const given = Object(value) as Record<string, unknown>; // as above
  return Object.entries(shapeOf(schema) ?? {}).every(([key, field]) => {
    const def = definition(field);
    return def.type !== "literal" || !(key in given) || def.values.includes(given[key]);
  });
}

function child(schema: z.core.$ZodType, key: PropertyKey): readonly z.core.$ZodType[] {
  const def = definition(schema);
  if (def.type === "array") return [def.element];
  if (def.type === "tuple") return def.items.slice(Number(key), Number(key) + 1);
  const found = shapeOf(schema)?.[String(key)];
  return found === undefined ? [] : [found];
}

function opened(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const def = definition(schema);
  if (def.type === "union") return def.options.flatMap(opened);
  if (def.type === "optional" || def.type === "nullable") return opened(def.innerType);
  return [schema];
}

type Definition =
  | { readonly type: "object"; readonly shape: Shape }
  | { readonly type: "array"; readonly element: z.core.$ZodType }
  | { readonly type: "tuple"; readonly items: readonly z.core.$ZodType[] }
  | { readonly type: "union"; readonly options: readonly z.core.$ZodType[] }
  | { readonly type: "optional" | "nullable"; readonly innerType: z.core.$ZodType }
  | { readonly type: "literal"; readonly values: readonly unknown[] }
  | { readonly type: "other" };

/** zod's own description of a schema; it types `def` only for the base class. */
function definition(schema: z.core.$ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}
