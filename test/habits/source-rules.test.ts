import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkSource, type Rules } from "../../scripts/source-rules.mjs";

// The file that `npm run check` uses.
const rules = JSON.parse(readFileSync("config/source-rules.json", "utf8")) as Rules;

/** Each planted file gets the opening comment that every file must have. */
function found(planted: Readonly<Record<string, string>>): string[] {
  const files = Object.entries(planted).map(
    ([path, text]) =>
      [path, /index(-node)?\.ts$/.test(path) ? text : `/** @file Planted. */\n${text}`] as const,
  );
  const alone = { ...rules, circles: { why: "", groups: [] } }; // the listed files are not planted
  return checkSource(new Map(files), alone).map(
    ({ file, line, rule }) => `${file}:${line} ${rule}`,
  );
}

test.each<[string, string, string, string[]]>([
  ["a lower row", "src/engine/graph/x.ts", 'import { add } from "../ops/index.ts";', ["rows"]],
  [
    "types of a lower row",
    "src/engine/graph/x.ts",
    'import type { Op } from "../ops/index.ts";',
    ["rows"],
  ],
  [
    "a folder of the same row",
    "src/distill/metrics/x.ts",
    'import { a } from "../../device/export/index.ts";',
    ["rows"],
  ],
  [
    "a folder without a row",
    "src/engine/tensor/x.ts",
    'import { a } from "../extras/index.ts";',
    ["rows"],
  ],
  [
    "the inside of another folder",
    "src/engine/train/x.ts",
    'import { a } from "../nn/network.ts";',
    ["doors"],
  ],
  [
    "a re-export from inside",
    "src/engine/train/x.ts",
    'export { a } from "../nn/network.ts";',
    ["doors"],
  ],
  [
    "Node in the core",
    "src/engine/tensor/x.ts",
    'import { readFile } from "node:fs";',
    ["node-only-files"],
  ],
  [
    "Node, loaded later",
    "src/data/x.ts",
    'const fs = await import("node:fs");',
    ["node-only-files"],
  ],
  [
    "a Node file in the core",
    "src/distill/x.ts",
    'import type { A } from "../data/sources/index-node.ts";',
    ["core-imports-no-node-file"],
  ],
  [
    "data in the engine",
    "src/engine/train/x.ts",
    'import type { Dataset } from "../../data/index.ts";',
    ["engine-knows-no-other-part"],
  ],
  ["process", "src/data/x.ts", "const home = process.env.HOME;", ["node-only-files"]],
  [
    "process in a template",
    "src/data/x.ts",
    "const a = `at ${process.cwd()}`;",
    ["node-only-files"],
  ],
  ["Buffer", "src/engine/onnx/x.ts", "const b = Buffer.from(bytes);", ["node-only-files"]],
  [
    "onnxruntime",
    "src/engine/train/x.ts",
    'import { Tensor } from "onnxruntime-web";',
    ["one-door-to-the-runtime", "packages"],
  ],
  [
    "protobuf",
    "src/engine/compile/x.ts",
    'import { create } from "@bufbuild/protobuf";',
    ["packages", "protobuf-in-one-folder"],
  ],
  ["an unlisted package", "src/engine/nn/x.ts", 'import { chunk } from "lodash";', ["packages"]],
  [
    "a network in a loss",
    "src/distill/losses/x.ts",
    'import { Network } from "../../engine/nn/index.ts";',
    ["losses-know-no-network", "rows"],
  ],
  [
    "a graph in data",
    "src/data/x.ts",
    'import { Value } from "../engine/graph/index.ts";',
    ["data-knows-no-graph"],
  ],
  [
    "a network in export",
    "src/device/export/onnx/x.ts",
    'import { a } from "../../../engine/nn/index.ts";',
    ["export-knows-no-training"],
  ],
  [
    "an operator in autodiff",
    "src/engine/autodiff/x.ts",
    'import { ops, softmax } from "../ops/index.ts";',
    ["no-operator-by-name"],
  ],
  ["printing", "src/engine/train/x.ts", 'console.log("epoch 1");', ["silent-library"]],
  [
    "unseeded randomness",
    "src/engine/nn/x.ts",
    "const start = Math.random();",
    ["seeded-randomness"],
  ],
  [
    "a test case",
    "src/engine/ops/x.ts",
    'import { a } from "./add.cases.ts";',
    ["cases-are-for-checking"],
  ],
  [
    "a command",
    "src/app/report/x.ts",
    'import { a } from "../cli/index.ts";',
    ["nothing-imports-the-outside", "rows"],
  ],
  [
    "a test file",
    "src/app/report/x.ts",
    'import { a } from "../../../test/support/close.ts";',
    ["nothing-imports-the-outside"],
  ],
  ["code in an index.ts", "src/engine/nn/index.ts", "export const width = 3;", ["index"]],
  ["a file named utils", "src/engine/nn/utils.ts", "export const width = 3;", ["names"]],
  ["a folder named helpers", "src/engine/nn/helpers/x.ts", "export const width = 3;", ["names"]],
  ["capital letters", "src/engine/nn/Layer.ts", "export const width = 3;", ["names"]],
  ["a long file", "src/engine/nn/x.ts", "\n".repeat(400), []],
  ["a long file with text", "src/engine/nn/x.ts", `${"\n".repeat(400)}export {};`, ["size"]],
  ["a long comment line", "src/engine/nn/x.ts", `// ${"x".repeat(98)}`, ["columns"]],
])("%s is named", (_, path, text, expected) => {
  const violations = found({ [path]: text });
  expect(violations.map((each) => each.split(" ")[1]).toSorted()).toEqual(expected);
});

test("what is allowed passes", () => {
  expect(
    found({
      "src/distill/x.ts": 'import { exportOnnx } from "../device/export/index.ts";',
      "src/data/sources/x-node.ts": 'import { readFile } from "node:fs";\nprocess.cwd();',
      "src/engine/runtime/node.ts": 'const ort = await import("onnxruntime-node");',
      "src/engine/ops/x.test.ts": 'import { a } from "./add.cases.ts";',
      "src/engine/nn/x.ts":
        "// process, Buffer and console in a comment\nexport const a = { process: 1 };",
      "src/engine/nn/y.ts": 'export const text = "Math.random() in a string";',
      "src/engine/nn/index.ts":
        'export {\n  type A,\n  b,\n} from "./x.ts";\nexport * from "./y.ts";',
    }),
  ).toEqual([]);
});

test("a circle of imports is named once, of types too", () => {
  const circle = (type: string): string[] =>
    found({
      "src/engine/nn/a.ts": 'import { b } from "./b.ts";',
      "src/engine/nn/b.ts": 'import { c } from "./c.ts";',
      "src/engine/nn/c.ts": `import ${type}{ a } from "./a.ts";`,
    });
  expect(circle("")).toEqual(["src/engine/nn/c.ts:2 cycles"]);
  expect(circle("type ")).toEqual(["src/engine/nn/c.ts:2 cycles"]);
});

test("a listed circle may be there, grows by no file, and leaves the list when it is broken", () => {
  const text = (...names: string[]): string =>
    `/** @file Planted. */\n${names.map((name) => `import type { x } from "./${name}.ts";`).join("\n")}`;
  const groups = [["src/engine/nn/a.ts", "src/engine/nn/b.ts"]];
  const found = (files: Readonly<Record<string, string>>): string[] =>
    checkSource(
      new Map(Object.entries(files).map(([name, body]) => [`src/engine/nn/${name}.ts`, body])),
      { ...rules, circles: { why: "", groups } },
    ).map(({ file, message }) => `${file}: ${message}`);
  expect(found({ a: text("b"), b: text("a") })).toEqual([]);
  expect(found({ a: text("b"), b: text("a", "c"), c: text("a") })).toEqual([
    "src/engine/nn/c.ts: imports go in a circle: src/engine/nn/c.ts → src/engine/nn/a.ts → src/engine/nn/b.ts → src/engine/nn/c.ts",
  ]);
  expect(found({ a: text("b"), b: text() })).toEqual([
    "src/engine/nn/a.ts: it is in no circle: take it off `circles`",
    "src/engine/nn/b.ts: it is in no circle: take it off `circles`",
  ]);
});

test("docs/architecture.md shows the rows as they are", () => {
  const page = readFileSync("docs/architecture.md", "utf8");
  const rows = rules.rows.map((): string[] => []);
  for (const [, row, folders] of page.matchAll(/^\| (\d) \| (`.*?) \|/gm))
    rows[Number(row)]!.push(...[...folders!.matchAll(/`([\w/]+)\/`/g)].map((found) => found[1]!));
  expect(rows.map((row) => row.toSorted())).toEqual(rules.rows.map((row) => row.toSorted()));
});

test("a violation names place, rule and reason", () => {
  const [violation] = checkSource(
    new Map([["src/engine/nn/a.ts", "/** @file A. */\nconst x = 1;\nconsole.log(x);"]]),
    { ...rules, circles: { why: "", groups: [] } },
  );
  expect(violation).toEqual({
    file: "src/engine/nn/a.ts",
    line: 3,
    rule: "silent-library",
    message: "uses console: the library returns values and emits typed events; it prints nothing",
  });
});
