import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { exportC } from "../../../src/device/export/index.ts";
import { type QuantizedGraph, quantizeGraph } from "../../../src/device/quantize/index.ts";
import { relu, reshape } from "../../../src/engine/ops/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { hasProgram, inFolder, strictFlags } from "../../support/c-programs.ts";
import { randomInputs } from "../../support/integer-parity.ts";
import {
  builder,
  graphOf,
  networks,
  pixels,
  randomSamples,
} from "../../support/quantized-networks.ts";

let tiny: QuantizedGraph;
let cnn: QuantizedGraph;
beforeAll(async () => {
  const runtime = await nodeRuntime({ worker: false });
  const { samples, x } = pixels([1, 2, 2]);
  const { dense } = builder(24);
  const graph = graphOf("tiny net", samples, dense(relu(dense(reshape(x, [1, 4]), 3)), 2));
  tiny = await quantizeGraph(graph, { calibration: randomSamples(graph, 8), runtime });
  const image = networks.cnn!();
  cnn = await quantizeGraph(image, { calibration: randomSamples(image, 8), runtime });
  await runtime.close();
});

/** Compiles `main` with the files under the strictest flags. @returns its exit status */
function status(files: ReadonlyMap<string, string>, main: string, flags: readonly string[] = []) {
  return inFolder((folder) => {
    for (const [path, text] of files) writeFileSync(join(folder, path), text);
    writeFileSync(join(folder, "main.c"), main);
    const sources = [...files.keys(), "main.c"].filter((path) => path.endsWith(".c"));
    execFileSync("gcc", [...strictFlags, ...flags, "-o", "run", ...sources], { cwd: folder });
    try {
      execFileSync(join(folder, "run"), { stdio: "pipe" });
      return 0;
    } catch (error) {
      return (error as { status: number }).status; // execFileSync's own error
    }
  });
}

test("the text of a tiny network", () => {
  const { files } = exportC(tiny, { name: "tiny", modelHash: "0".repeat(64) });
  expect(files.get("tiny.h")).toMatchSnapshot();
  expect(files.get("tiny.c")).toMatchSnapshot();
});

test("sources use no heap, no floating point and no libc but memcpy", () => {
  const source = exportC(cnn).files.get("student.c")!;
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "");
  expect(code).not.toMatch(/\b(float|double|malloc|free|printf|memset|memmove|exp|round)\b/);
  expect([...code.matchAll(/#include (\S+)/g)].map(([, name]) => name)).toEqual([
    '"student.h"',
    "<string.h>",
    '"arm_nnfunctions.h"', // only where STUDENT_CMSIS_NN is defined
  ]);
});

test("a name that is no C identifier", () => {
  expect(() => exportC(tiny, { name: "My-Net" })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: exportC: name must be a C identifier of lower-case letters, digits and _, got "My-Net". Use a name like "student".]`,
  );
});

test("an Arduino library", () => {
  const { files } = exportC(tiny, { name: "tiny", arduino: true, selfTest: randomInputs(tiny, 2) });
  expect([...files.keys()]).toMatchInlineSnapshot(`
    [
      "library.properties",
      "src/tiny.h",
      "src/tiny.c",
      "src/tiny_selftest.c",
      "examples/run/run.ino",
    ]
  `);
  expect(files.get("library.properties")).toMatchInlineSnapshot(`
    "name=tiny
    version=1.0.0
    author=Potstill
    maintainer=Potstill
    sentence=An int8 network: tiny net.
    paragraph=Generated C99 without heap, floating point or dependencies.
    category=Data Processing
    url=https://www.npmjs.com/package/potstill
    architectures=*
    includes=tiny.h
    "
  `);
});

describe.skipIf(!hasProgram("gcc"))("compiled", () => {
  test("the self-test passes, and fails where an expected byte is changed", () => {
    const { files } = exportC(cnn, { selfTest: randomInputs(cnn, 3) });
    const main = '#include "student.h"\nint main(void) { return (int)student_selftest(); }\n';
    expect(status(files, main)).toBe(0);
    const text = files.get("student_selftest.c")!;
    const at = text.lastIndexOf("};");
    const last = /(-?\d+),\s*$/.exec(text.slice(0, at))!;
    const changed = `${text.slice(0, last.index)}${Number(last[1]) === 5 ? 6 : 5},\n${text.slice(at)}`;
    expect(status(new Map([...files, ["student_selftest.c", changed]]), main)).toBe(3);
  });

  test("two networks in one program, one on the caller's arena", () => {
    const one = exportC(cnn, { name: "one" }).files;
    const two = exportC(tiny, { name: "two" }).files;
    const main = `#include "one.h"
#include "two.h"
int main(void) {
  static uint32_t arena[(ONE_ARENA_BYTES + 3) / 4];
  static int8_t input[TWO_INPUT_ELEMENTS];
  static int8_t output[TWO_OUTPUT_ELEMENTS];
  int32_t i;
  for (i = 0; i < ONE_INPUT_ELEMENTS; i++) ONE_INPUT(arena)[i] = (int8_t)i;
  one_run(arena);
  two_invoke(input, output);
  return ONE_OUTPUT(arena)[0] == 127 && two_classify(input) > 1;
}
`;
    expect(status(new Map([...one, ...two]), main)).toBe(0);
  });

  test("without its own arena no static memory is left", () => {
    const { files } = exportC(tiny, { name: "tiny" });
    const main = `#include "tiny.h"
int main(void) {
  uint32_t arena[(TINY_ARENA_BYTES + 3) / 4] = {0};
  tiny_run(arena);
  return 0;
}
`;
    expect(status(files, main, ["-DTINY_CALLER_ARENA"])).toBe(0);
  });
});

test.skipIf(!hasProgram("gcc"))("no name of a network or layer ends or begins a comment", () => {
  const names = ["a*/b", "**//", "*/*/", "/*", "/*/", "*\\\n/ int x = 1;"];
  for (const name of names) {
    const layers = tiny.layers.map((layer) => ({ ...layer, name }));
    const { files } = exportC({ ...tiny, name, layers });
    expect(status(files, "int main(void) { return 0; }\n"), name).toBe(0);
  }
});
