/** @file Reads imports and names out of TypeScript source, by its tokens: enough for rules about who imports whom. */
// @ts-check

/**
 * @typedef {object} Import
 * @property {string} specifier as written: "../graph/index.ts", "node:fs"
 * @property {boolean} isType true if nothing of it is left at run time
 * @property {readonly string[]} names imported names; empty for `*` and bare imports
 * @property {number} line from 1
 */

const token =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/g;

/** @param {string} text */
const blank = (text) => text.replace(/[^\n]/g, " ");

/**
 * @param {string} source
 * @returns {string} the same text with comments as spaces, line by line in place
 */
export function withoutComments(source) {
  return source.replace(token, (found) => (found.startsWith("/") ? blank(found) : found));
}

/**
 * @param {string} source
 * @returns {string} the same text with comments and the text of strings as spaces; `${…}` stays
 */
export function codeOnly(source) {
  return source.replace(token, (found) => {
    if (!found.startsWith("`")) return blank(found);
    let code = "";
    let last = 0;
    for (const hole of found.matchAll(/\$\{([^}]*)\}/g)) {
      code += `${blank(found.slice(last, hole.index))}  ${hole[1]} `;
      last = hole.index + hole[0].length;
    }
    return code + blank(found.slice(last));
  });
}

const statement =
  /(?<=^|[;\n])\s*(?:import|export)\s+(?<type>type\s+)?(?<clause>[\w*\s{},$]*?)\s*from\s*["'](?<from>[^"']+)["']|(?<=^|[;\n])\s*import\s*["'](?<bare>[^"']+)["']|\bimport\(\s*["'](?<dynamic>[^"']+)["']\s*\)/g;

/**
 * @param {string} source
 * @returns {readonly Import[]} static, dynamic and re-exporting imports, in order
 */
export function importsOf(source) {
  const text = withoutComments(source);
  return [...text.matchAll(statement)].map((found) => {
    const { type, clause = "", from, bare, dynamic } = found.groups ?? {};
    const start = found.index + (found[0].length - found[0].trimStart().length);
    const before = text.slice(0, found.index).trimEnd();
    return {
      specifier: from ?? bare ?? dynamic ?? "",
      // `typeof import("x")` is a type too.
      isType: type !== undefined || (dynamic !== undefined && before.endsWith("typeof")),
      names: namesIn(clause),
      line: text.slice(0, start).split("\n").length,
    };
  });
}

/**
 * @param {string} clause what stands between `import` and `from`
 * @returns {readonly string[]}
 */
function namesIn(clause) {
  const list = /\{([^}]*)\}/.exec(clause)?.[1] ?? "";
  return list
    .split(",")
    .map(
      (name) =>
        name
          .trim()
          .replace(/^type\s+/, "")
          .split(/\s+as\s+/)[0] ?? "",
    )
    .filter((name) => name !== "");
}

/**
 * @param {string} pattern "**" any path, "*" any part of a name
 * @returns {RegExp}
 */
export function glob(pattern) {
  const source = pattern
    .replace(/[.+^$()|[\]\\]/g, "\\$&")
    .replace(/\*\*\/?|\*/g, (star) => (star === "*" ? "[^/]*" : star === "**" ? ".*" : "(?:.*/)?"));
  return new RegExp(`^${source}$`);
}

/**
 * @param {string} path
 * @param {readonly string[]} patterns
 */
export function matches(path, patterns) {
  return patterns.some((pattern) => glob(pattern).test(path));
}
