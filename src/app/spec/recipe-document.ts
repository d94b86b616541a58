/** @file A recipe's YAML with its line numbers, and overrides that are set in it. */

import { type Document, isMap, isNode, isScalar, LineCounter, parse, parseDocument } from "yaml";
import { ConfigError } from "../../errors/index.ts";

/** A recipe as text, before it is checked. */
export interface RecipeDocument {
  readonly value: unknown;
  /** @returns "FILE:LINE" of a value or key, or the override that set it */
  readonly whereOf: (path: readonly PropertyKey[], atKey?: boolean) => string;
}

type Path = readonly PropertyKey[];

interface Override {
  readonly text: string;
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/**
 * @param file names the recipe in messages
 * @param overrides "training.epochs=10": a path of keys, "=", a YAML value
 * @throws ConfigError "config/yaml" for text that is not YAML; "config/override" for words that
 *   are no override
 */
export function readRecipeDocument(
  text: string,
  file: string,
  overrides: readonly string[],
): RecipeDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined)
    throw new ConfigError("config/yaml", {
      where: `${file}:${lines.linePos(error.pos[0]).line}`,
      rule: "the recipe must be YAML",
      got: error.message.split("\n")[0]!.replace(/ at line .*$/, ""), // a message has a first line
      fix: "Correct this line",
      cause: error,
    });
  if (!isMap(document.contents))
    throw new ConfigError("config/yaml", {
      where: `${file}:1`,
      rule: "a recipe must be a YAML file of keys and values",
      got: document.contents === null ? "an empty file" : "another kind of file",
      fix: "Start from one of the files in recipes/",
    });
  const parsed = overrides.map(parseOverride);
  const written = document.toJS();
  const isInText = (path: Path): boolean => hasPath(written, path);
  for (const override of parsed) setOverride(document, override);
  return {
    value: document.toJS(),
    whereOf: (path, atKey = false) => {
      const override = parsed.findLast((candidate) => isPrefix(candidate.path, path));
      if (override !== undefined) return `override ${override.text}`;
      const at = offsetOf(document, path, atKey);
      const within = parsed.findLast((candidate) => isPrefix(path, candidate.path));
      if (atKey && within !== undefined && !isInText(path)) return `override ${within.text}`;
      return `${file}:${at === undefined ? 1 : lines.linePos(at).line}`;
    },
  };
}

function hasPath(value: unknown, path: Path): boolean {
  if (path.length === 0) return true;
  const [key, ...rest] = path;
  if (typeof value !== "object" || value === null || !(key! in value)) return false;
  return hasPath((value as Record<PropertyKey, unknown>)[key!], rest); // any object may be asked for a key
}

function isPrefix(prefix: Path, path: Path): boolean {
  return (
    prefix.length <= path.length && prefix.every((key, at) => String(key) === String(path[at]))
  );
}

function parseOverride(text: string): Override {
  const wrong = (got: string): ConfigError =>
    new ConfigError("config/override", {
      where: `override ${text}`,
      rule: "an override has the form key=value, with . between a section and its key",
      got,
      fix: "Write for example training.epochs=10",
    });
  const at = text.indexOf("=");
  if (at <= 0) throw wrong(at === 0 ? "no key" : "no =");
  const path = text
    .slice(0, at)
    .split(".")
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  if (path.includes("")) throw wrong("an empty key");
  try {
    return { text, path, value: parse(text.slice(at + 1)) };
  } catch {
    throw wrong("a value that is not YAML");
  }
}

function setOverride(document: Document.Parsed, { text, path, value }: Override): void {
  for (let length = 1; length < path.length; length++) {
    const parent = document.getIn(path.slice(0, length), true);
    if (isScalar(parent))
      throw new ConfigError("config/override", {
        where: `override ${text}`,
        rule: `${path.slice(0, length).join(".")} must be a section to have keys`,
        got: String(parent.value),
        fix: `Override the whole: ${path.slice(0, length).join(".")}={...}`,
      });
  }
  document.setIn(path, document.createNode(value));
}

/**
 * @returns where the value (or its key) begins in the text; of the nearest section around it if
 * it is not there
 */
function offsetOf(document: Document.Parsed, path: Path, atKey: boolean): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const key = path[length - 1];
    const parent =
      length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
      : undefined;
    const node = pair !== undefined && (atKey || length < path.length) ? pair.key : undefined;
    const found = node ?? pair?.key ?? document.getIn(path.slice(0, length), true);
    if (isNode(found) && found.range) return found.range[0];
  }
  return undefined;
}
