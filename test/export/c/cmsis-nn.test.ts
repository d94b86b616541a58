import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportC } from "../../../src/export/index.ts";
import { quantizeGraph } from "../../../src/quantize/index.ts";
import type { Runtime } from "../../../src/runtime/index.ts";
import { nodeRuntime } from "../../../src/runtime/node.ts";
import { hasProgram, inFolder } from "../../support/c-programs.ts";
import { parityBytes, randomInputs } from "../../support/integer-parity.ts";
import { mlperfTiny } from "../../support/mlperf-tiny.ts";
import { networks, randomSamples } from "../../support/quantized-networks.ts";

/** A copy of github.com/ARM-software/CMSIS-NN; it is on no registry, so CI goes without. */
const source = env.CMSIS_NN_SOURCE ?? "";
const isThere = existsSync(join(source, "Include/arm_nnfunctions.h")) && hasProgram("gcc");

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const main = `#include <stdio.h>
#include "student.h"
int main(void) {
  static int8_t input[STUDENT_INPUT_ELEMENTS], output[STUDENT_OUTPUT_ELEMENTS];
  FILE *const in = fopen("in.bin", "rb"), *const out = fopen("out.bin", "wb");
  while (fread(input, 1, sizeof input, in) == sizeof input) {
    student_invoke(input, output);
    fwrite(output, 1, sizeof output, out);
  }
  return fclose(out);
}
`;

function cmsisNnSources(): readonly string[] {
  const folder = join(source, "Source");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".c") && !/f16|f32|flt/i.test(path))
    .map((path) => join(folder, path));
}

const title = isThere ? "" : " (skipped: CMSIS_NN_SOURCE names no copy of it)";

describe.skipIf(!isThere)(`calls of CMSIS-NN give the reference's bytes${title}`, () => {
  test.each(Object.entries({ ...networks, ...mlperfTiny }))(
    "%s",
    async (_, build) => {
      const graph = build();
      const calibration = randomSamples(graph, 8);
      const quantized = await quantizeGraph(graph, { calibration, runtime });
      const { inputs, expected } = parityBytes(quantized, randomInputs(quantized, 10));
      const { files } = exportC(quantized);
      inFolder((folder) => {
        for (const [path, text] of files) writeFileSync(join(folder, path), text);
        writeFileSync(join(folder, "main.c"), main);
        writeFileSync(join(folder, "in.bin"), inputs);
        const strict = ["-Wall", "-Wextra", "-Werror", "-fsanitize=undefined,address"];
        const common = ["-O1", "-DSTUDENT_CMSIS_NN", `-I${join(source, "Include")}`];
        const own = ["-std=c99", ...common, ...strict, "-c", "student.c", "main.c"];
        execFileSync("gcc", own, { cwd: folder });
        const objects = ["student.o", "main.o", "-fsanitize=undefined,address"];
        const theirs = cmsisNnSources();
        execFileSync("gcc", [...common, "-w", "-o", "run", ...objects, ...theirs, "-lm"], {
          cwd: folder,
          stdio: "pipe",
        });
        execFileSync(join(folder, "run"), { cwd: folder });
        expect(readFileSync(join(folder, "out.bin")).equals(Buffer.from(expected))).toBe(true);
      });
    },
    120_000,
  );
});

test("CMSIS-NN is called only where the macro is defined", async () => {
  const graph = networks["depthwise separable"]!();
  const calibration = randomSamples(graph, 8);
  const { files } = exportC(await quantizeGraph(graph, { calibration, runtime }));
  const text = files.get("student.c")!;
  const outside = text.replace(/#if defined\(STUDENT_CMSIS_NN\)[\s\S]*?\n#(endif|elif|else)/g, "");
  expect(text).toContain("arm_convolve_wrapper_s8(&context");
  expect(text).toContain("arm_depthwise_conv_wrapper_s8(&context");
  expect(text).toContain("arm_fully_connected_s8(&context");
  expect(outside).not.toMatch(/arm_|cmsis_/);
});
