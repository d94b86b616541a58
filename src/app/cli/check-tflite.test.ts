import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { randomInputs } from "../../../test/support/integer-parity.ts";
import { randomLayer } from "../../../test/support/random-layers.ts";
import { exportTflite } from "../../device/export/index.ts";
import { assertTfliteParity } from "./check-tflite.ts";
import { installLiteRt, openLiteRt } from "./litert.ts";

const graph = randomLayer("dense", 1);
const samples = randomInputs(graph, 5);

test("LiteRT is installed for the tests, and agrees", async () => {
  const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  const version = devDependencies["@litertjs/core"];
  expect(await assertTfliteParity(graph, exportTflite(graph), samples)).toEqual({ version });
  expect(installLiteRt).toBe(`npm install @litertjs/core@${version}`);
});

/** @returns a file beside which the package is installed with these files */
function packageOf(folder: string, files: Readonly<Record<string, string>>): string {
  const at = join(folder, "node_modules/@litertjs/core");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, path)), { recursive: true });
    writeFileSync(join(at, path), text);
  }
  return join(folder, "here.js");
}

const about = { "package.json": '{ "version": "9.0.0", "main": "./dist/index.js" }' };
const script = "wasm/litert_wasm_compat_internal.js";

test.each([
  ["has no such file", {}],
  ["has another script", { [script]: "const other = 1" }],
  [
    "has other bindings",
    { [script]: "const ModuleFactory = () => ({ LiteRtEnvironment: { create: () => null } })" },
  ],
])("a LiteRT that %s is no judge, and that is said", async (_, files) => {
  const folder = mkdtempSync(join(tmpdir(), "potstill-litert-"));
  try {
    const here = packageOf(folder, { ...about, "dist/index.js": "", ...files });
    const open = () => openLiteRt([here]);
    expect(await assertTfliteParity(graph, exportTflite(graph), samples, open)).toEqual({
      why: expect.stringMatching(
        /^@litertjs\/core 9\.0\.0: LiteRT's bindings must be those of 2\.5\.3, got .*\. Run: npm install @litertjs\/core@2\.5\.3\.$/s,
      ),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("without LiteRT that is said, with what to install", async () => {
  const open = () => openLiteRt([join(tmpdir(), "here.js")]);
  expect(await assertTfliteParity(graph, exportTflite(graph), samples, open)).toEqual({
    why: `LiteRT is not installed (${installLiteRt})`,
  });
});

test("a file of another network is reported with the sample", async () => {
  const [layer] = graph.layers;
  if (layer?.kind !== "dense") throw new Error("a dense layer was drawn");
  const other = { ...graph, layers: [{ ...layer, weights: layer.weights.toReversed() }] };
  await expect(assertTfliteParity(graph, exportTflite(other), samples)).rejects.toThrow(
    expect.objectContaining({ code: "export/parity", details: { sample: 0 } }),
  );
});
