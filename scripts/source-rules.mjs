/** @file The rules about source files: rows of folders, the "Never" list, cycles, sizes and names. */
// @ts-check

import { posix } from "node:path";
import { codeOnly, importsOf, matches } from "./source-text.mjs";

/**
 * @typedef {object} Never
 * @property {string} id
 * @property {string} why
 * @property {readonly string[]} [in] files it is about; default all
 * @property {readonly string[]} [exceptIn]
 * @property {readonly string[]} [except] files that may
 * @property {readonly string[]} [exceptWithin] both ends of the import may lie within one of these
 * @property {readonly string[]} [names] identifiers that must not occur
 * @property {readonly string[]} [packages] packages that must not be imported
 * @property {readonly string[]} [folders] folders of src that must not be imported,
 *   with all that is in them
 * @property {readonly string[]} [paths] files that must not be imported
 * @property {string} [folder] with onlyNames: a folder of which only these names may be imported
 * @property {readonly string[]} [onlyNames]
 *
 * @typedef {object} Rules
 * @property {readonly (readonly string[])[]} rows
 * @property {readonly { from: string, to: string, why: string }[]} sameRow
 * @property {readonly { file: string, to: readonly string[] }[]} entries
 * @property {readonly Never[]} never
 * @property {{ why: string, groups: readonly (readonly string[])[] }} circles files that still
 *   import each other in a circle; the list only shrinks
 * @property {Readonly<Record<string, readonly string[]>>} packages
 * @property {{ maxLines: number, maxTestLines: number, maxCommentColumns: number, bannedNames: readonly string[] }} files
 *
 * @typedef {object} Violation
 * @property {string} file
 * @property {number} line
 * @property {string} rule
 * @property {string} message
 *
 * @typedef {object} Link an import, with its target
 * @property {string} file
 * @property {string | undefined} target file in the repository, or undefined for a package
 * @property {string} specifier
 * @property {boolean} isType
 * @property {readonly string[]} names
 * @property {number} line
 */

/** @param {string} path */
export const isTest = (path) => /\.(test|cases)\.ts$/.test(path) || path.startsWith("test/");

/**
 * The room that a file lies in: of a part with rooms the part and the room.
 *
 * @param {string} path "src/engine/graph/value.ts" → "engine/graph", "src/data/split.ts" → "data",
 *   "src/distill/arms.ts" → "distill"; undefined for files right in src and outside
 */
const folderOf = (path) =>
  /^src\/((?:engine|device|app)\/[^/]+(?=\/)|distill\/(?:losses|metrics)(?=\/)|[^/]+(?=\/))/.exec(
    path,
  )?.[1];

/** @param {string} specifier */
const packageOf = (specifier) =>
  specifier.startsWith("@") ? specifier.split("/").slice(0, 2).join("/") : specifier.split("/")[0];

/**
 * @param {ReadonlyMap<string, string>} files text by path from the repository root
 * @param {Rules} rules
 * @returns {readonly Violation[]}
 */
export function checkSource(files, rules) {
  const links = [...files].flatMap(([file, text]) => linksOf(file, text));
  const product = links.filter(({ file }) => file.startsWith("src/") && !isTest(file));
  return [
    ...product.flatMap((link) => [
      ...checkRows(link, rules),
      ...checkDoors(link, rules),
      ...checkPackages(link, rules),
    ]),
    ...product.flatMap((link) => rules.never.flatMap((rule) => checkNever(link, rule))),
    ...[...files].flatMap(([file, text]) => checkNames(file, text, rules)),
    ...[...files].flatMap(([file, text]) => checkFile(file, text, rules)),
    ...checkCycles(links, rules),
  ].toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

/**
 * @param {string} file
 * @param {string} text
 * @returns {readonly Link[]}
 */
function linksOf(file, text) {
  return importsOf(text).map((found) => ({
    ...found,
    file,
    target: found.specifier.startsWith(".")
      ? posix.join(posix.dirname(file), found.specifier)
      : undefined,
  }));
}

/**
 * @param {Link} link
 * @param {Rules} rules
 * @returns {readonly Violation[]}
 */
function checkRows({ file, target, line }, { rows, sameRow }) {
  const from = folderOf(file);
  const to = target && folderOf(target);
  if (from === undefined || to === undefined || from === to) return [];
  const [fromRow, toRow] = [from, to].map((name) => rows.findIndex((row) => row.includes(name)));
  if (fromRow === undefined || toRow === undefined) return [];
  const unknown = fromRow < 0 ? from : toRow < 0 ? to : undefined;
  if (unknown !== undefined)
    return [violation(file, line, "rows", `src/${unknown}/ stands in no row; give it one`)];
  if (toRow < fromRow) return [];
  if (toRow > fromRow)
    return [
      violation(
        file,
        line,
        "rows",
        `${from}/ (row ${fromRow}) imports ${to}/ (row ${toRow}), which builds on it`,
      ),
    ];
  if (sameRow.some((pair) => pair.from === from && pair.to === to)) return [];
  return [
    violation(
      file,
      line,
      "rows",
      `${from}/ and ${to}/ stand in the same row and do not know each other`,
    ),
  ];
}

/**
 * Another folder is entered by its index.ts or one of the listed entries.
 *
 * @param {Link} link
 * @param {Rules} rules
 * @returns {readonly Violation[]}
 */
function checkDoors({ file, target, line }, { entries }) {
  const to = target && folderOf(target);
  if (target === undefined || to === undefined || to === folderOf(file)) return [];
  if (target === `src/${to}/index.ts`) return [];
  if (entries.some((entry) => matches(target, [entry.file]) && matches(file, entry.to))) return [];
  return [
    violation(file, line, "doors", `${target} is inside ${to}/; import it from src/${to}/index.ts`),
  ];
}

/**
 * @param {Link} link
 * @param {Rules} rules
 * @returns {readonly Violation[]}
 */
function checkPackages({ file, target, specifier, line }, { packages }) {
  if (target !== undefined || specifier.startsWith("node:")) return [];
  const name = packageOf(specifier) ?? specifier;
  const allowed = Object.hasOwn(packages, name) ? packages[name] : undefined;
  if (allowed === undefined)
    return [
      violation(
        file,
        line,
        "packages",
        `"${name}" is no listed dependency; a new one needs a note in docs/decisions/`,
      ),
    ];
  if (matches(file, allowed)) return [];
  return [
    violation(file, line, "packages", `"${name}" may be imported by ${allowed.join(", ")} only`),
  ];
}

/**
 * @param {Link} link
 * @param {Never} rule
 * @returns {readonly Violation[]}
 */
function checkNever({ file, target, specifier, names, line }, rule) {
  if (!isAbout(rule, file)) return [];
  /** @param {string} what */
  const found = (what) => [violation(file, line, rule.id, `${what}: ${rule.why}`)];
  if (target === undefined)
    return matches(packageOf(specifier) ?? "", rule.packages ?? [])
      ? found(`imports ${specifier}`)
      : [];
  const room = folderOf(target) ?? "";
  if (rule.folders?.some((folder) => `${room}/`.startsWith(`${folder}/`)))
    return found(`imports ${room}/`);
  const within = rule.exceptWithin?.some(
    (place) => matches(file, [place]) && matches(target, [place]),
  );
  if (!within && matches(target, rule.paths ?? [])) return found(`imports ${target}`);
  if (rule.folder !== undefined && folderOf(target) === rule.folder) {
    const others = names.filter((name) => !rule.onlyNames?.includes(name));
    if (others.length > 0) return found(`imports ${others.join(", ")} from ${rule.folder}/`);
  }
  return [];
}

/**
 * @param {Never} rule
 * @param {string} file
 */
function isAbout(rule, file) {
  return (
    matches(file, rule.in ?? ["src/**"]) &&
    !matches(file, [...(rule.except ?? []), ...(rule.exceptIn ?? [])])
  );
}

/**
 * @param {string} file
 * @param {string} text
 * @param {Rules} rules
 * @returns {readonly Violation[]}
 */
function checkNames(file, text, { never }) {
  if (!file.startsWith("src/") || isTest(file)) return [];
  const lines = codeOnly(text).split("\n");
  return never
    .filter((rule) => isAbout(rule, file))
    .flatMap((rule) =>
      (rule.names ?? []).flatMap((name) => {
        // not a property of something else, nor a property's or parameter's own name
        const word = new RegExp(
          `(?<![\\w$.#]|\\.\\s)${name.replace(".", "\\.")}(?![\\w$]|\\s*\\??:)`,
        );
        return lines.flatMap((line, index) =>
          word.test(line) ? [violation(file, index + 1, rule.id, `uses ${name}: ${rule.why}`)] : [],
        );
      }),
    );
}

/**
 * Size, name, opening comment; an index.ts only re-exports.
 *
 * @param {string} file
 * @param {string} text
 * @param {Rules} rules
 * @returns {readonly Violation[]}
 */
function checkFile(file, text, { files: limits }) {
  const lines = text.trimEnd().split("\n");
  const name = posix.basename(file);
  const stem = name.split(".")[0] ?? "";
  /** @type {Violation[]} */
  const found = [];
  const limit = isTest(file) ? limits.maxTestLines : limits.maxLines;
  if (lines.length > limit)
    found.push(
      violation(file, 1, "size", `${lines.length} lines, at most ${limit}; split it by subject`),
    );
  if (
    limits.bannedNames.includes(stem) ||
    file.split("/").some((part) => limits.bannedNames.includes(part))
  )
    found.push(violation(file, 1, "names", "say what is in it: no utils, helpers, common, misc"));
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*\.(ts|mjs)$/.test(name))
    found.push(violation(file, 1, "names", "file names are kebab-case"));
  const long = lines.findIndex(
    (line) => line.length > limits.maxCommentColumns && /^\s*(\/\/|\/?\*)/.test(line),
  );
  if (long >= 0)
    found.push(
      violation(
        file,
        long + 1,
        "columns",
        `a comment ends at column ${limits.maxCommentColumns}; wrap it`,
      ),
    );
  const isIndex = /^index(-node|-web)?\.ts$/.test(name);
  if (
    file.startsWith("src/") &&
    !isTest(file) &&
    !isIndex &&
    !text.includes("/**\n * @file") &&
    !/^(#!.*\n|\/\/\/.*\n)*\/\*\* @file/.test(text)
  )
    found.push(violation(file, 1, "file-comment", "the file opens with /** @file what it is */"));
  const left = isIndex
    ? codeOnly(text)
        .replace(/export\s+(type\s+)?(\*|\{[^}]*\})(\s+as\s+\w+)?\s*from\s*;/g, "")
        .trim()
    : "";
  if (left !== "")
    found.push(violation(file, 1, "index", "an index.ts holds only `export … from`"));
  return found;
}

/**
 * Files that import each other in a circle, of types too, each circle reported once. Those of a
 * listed group may, and none but them: a file that is in no circle any more leaves the list.
 *
 * @param {readonly Link[]} links
 * @param {Rules} rules
 * @returns {readonly Violation[]}
 */
function checkCycles(links, { circles }) {
  const groups = circlesOf(links);
  const found = groups
    .filter((group) => !circles.groups.some((known) => group.every((file) => known.includes(file))))
    .map((group) => {
      const known = circles.groups.flat();
      const file = group.findLast((each) => !known.includes(each)) ?? "";
      const trail = circleFrom(file, links, group);
      const line = links.find((link) => link.file === file && link.target === trail[1])?.line ?? 1;
      return violation(file, line, "cycles", `imports go in a circle: ${trail.join(" → ")}`);
    });
  const left = circles.groups
    .flat()
    .filter((file) => !groups.some((group) => group.includes(file)))
    .map((file) => violation(file, 1, "cycles", "it is in no circle: take it off `circles`"));
  return [...found, ...left];
}

/**
 * @param {readonly Link[]} links
 * @returns {readonly (readonly string[])[]} the files of each circle (Tarjan's components)
 */
function circlesOf(links) {
  /** @type {Map<string, string[]>} */
  const next = new Map();
  for (const { file, target } of links)
    if (target !== undefined) next.set(file, [...(next.get(file) ?? []), target]);
  /** @type {Map<string, number>} */
  const least = new Map();
  /** @type {string[]} */
  const open = [];
  /** @type {string[][]} */
  const found = [];
  /** @param {string} file */
  const visit = (file) => {
    const own = least.size;
    least.set(file, own);
    open.push(file);
    for (const target of next.get(file) ?? []) {
      if (!least.has(target)) visit(target);
      least.set(file, Math.min(least.get(file) ?? own, least.get(target) ?? own));
    }
    if (least.get(file) !== own) return;
    const group = open.splice(open.indexOf(file));
    for (const each of group) least.set(each, Number.POSITIVE_INFINITY);
    if (group.length > 1 || next.get(file)?.includes(file)) found.push(group);
  };
  for (const file of next.keys()) if (!least.has(file)) visit(file);
  return found;
}

/**
 * @param {string} file
 * @param {readonly Link[]} links
 * @param {readonly string[]} group
 * @returns {readonly string[]} a shortest circle of the group from a file of it back to it
 */
function circleFrom(file, links, group) {
  const trails = [[file]];
  for (const trail of trails)
    for (const { file: from, target } of links)
      if (from === trail.at(-1) && target !== undefined && group.includes(target)) {
        if (target === file) return [...trail, target];
        if (!trails.some((known) => known.at(-1) === target)) trails.push([...trail, target]);
      }
  return [file];
}

/**
 * @param {string} file
 * @param {number} line
 * @param {string} rule
 * @param {string} message
 * @returns {Violation}
 */
function violation(file, line, rule, message) {
  return { file, line, rule, message };
}
