/** @file What each public entry of package.json exports, as TypeScript's own declarations say it. */
// @ts-check

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isVariableDeclaration } from "typescript/unstable/ast/is";
import { API, SymbolFlags } from "typescript/unstable/sync";

/**
 * @typedef {object} Entry
 * @property {string} file its declarations, from dist on: "index-node.d.ts"
 * @property {readonly string[]} specifiers how it is imported: "potstill/node"
 *
 * @typedef {object} Exported
 * @property {string} name
 * @property {string} declaration without comments and without a function's body
 *
 * @typedef {Entry & { readonly exported: readonly Exported[] }} EntryApi
 */

const root = fileURLToPath(new URL("..", import.meta.url));

/** @returns {readonly Entry[]} the entries that have types, each file once */
function publicEntries() {
  const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  /** @type {Map<string, string[]>} */
  const specifiers = new Map();
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === "string") continue; // a file as it lies there
    const { types, node } = target;
    const differs = node !== undefined && node.types !== types;
    const entries = [
      [types, differs ? " in browsers" : ""],
      ...(differs ? [[node.types, ""]] : []),
    ];
    for (const [declarations, where] of entries) {
      const file = declarations.replace("./dist/", "");
      const all = specifiers.get(file) ?? [];
      specifiers.set(file, [...all, `${name}${path.slice(1)}${where}`]);
    }
  }
  return [...specifiers].map(([file, names]) => ({ file, specifiers: names }));
}

/** @returns {readonly EntryApi[]} names in the order of the alphabet */
export function publicApi() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "potstill-api-")));
  try {
    const emit = ["--emitDeclarationOnly", "--removeComments", "--noCheck", "--outDir", folder];
    const tsc = fileURLToPath(import.meta.resolve("typescript/package.json"));
    execFileSync(process.execPath, [join(tsc, "../bin/tsc"), "-p", root, ...emit]);
    const entries = publicEntries();
    const config = {
      compilerOptions: { module: "esnext", moduleResolution: "bundler", types: [], noEmit: true },
      files: entries.map(({ file }) => file),
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    return exportsOf(folder, entries);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {string} folder of declarations, with a tsconfig.json
 * @param {readonly Entry[]} entries
 * @returns {readonly EntryApi[]}
 */
function exportsOf(folder, entries) {
  const api = new API({ cwd: folder });
  try {
    const config = join(folder, "tsconfig.json");
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error(`internal: TypeScript does not open ${config}`);
    return entries.map((entry) => ({ ...entry, exported: exportedBy(project, folder, entry) }));
  } finally {
    api.close();
  }
}

/**
 * @param {import("typescript/unstable/sync").Project} project
 * @param {string} folder
 * @param {Entry} entry
 * @returns {readonly Exported[]}
 */
function exportedBy({ program, checker }, folder, { file }) {
  const source = program.getSourceFile(join(folder, file));
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`internal: TypeScript finds no module in ${file}`);
  return checker
    .getExportsOfModule(module)
    .map((symbol) => {
      const isAlias = (symbol.flags & SymbolFlags.Alias) !== 0;
      const { declarations } = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
      return { name: symbol.name, declaration: declarations.map(declarationText).join("\n") };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** @param {import("typescript/unstable/sync").NodeHandle} handle */
function declarationText(handle) {
  const node = handle.resolve();
  if (node === undefined) throw new Error(`internal: a declaration of ${handle.path} is not there`);
  const text = node.getText().replace(/^export (default )?(declare )?/, "");
  return isVariableDeclaration(node) ? `const ${text};` : text;
}
