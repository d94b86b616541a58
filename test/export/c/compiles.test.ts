/** @file The assembler in the kernels asks for many registers: it must compile at every level. */

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportC } from "../../../src/device/export/index.ts";
import { quantizeGraph } from "../../../src/device/quantize/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { inFolder } from "../../support/c-programs.ts";
import { cores, missingForEmulation } from "../../support/emulated-cores.ts";
import { mlperfTiny } from "../../support/mlperf-tiny.ts";
import { randomSamples } from "../../support/quantized-networks.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const levels = ["-O0", "-O2", "-O3", "-Os"];
const strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"];
const withDsp = cores.filter(({ name }) => name === "cortex-m4" || name === "cortex-m7");

/** not the autoencoder: its kernels are the others', its tables take gcc half a minute */
const nets = Object.entries(mlperfTiny).filter(([name]) => name !== "autoencoder");

const missing = missingForEmulation("arm");
const title = missing && ` (skipped: ${missing} missing)`;

describe.skipIf(missing !== "")(`C for cores with DSP instructions compiles${title}`, () => {
  test.each(nets)(
    "%s",
    async (_, build) => {
      const graph = build();
      const quantized = await quantizeGraph(graph, {
        calibration: randomSamples(graph, 4),
        runtime,
      });
      const { files } = exportC(quantized);
      inFolder((folder) => {
        for (const file of ["student.h", "student.c"])
          writeFileSync(join(folder, file), files.get(file)!);
        for (const { emulation } of withDsp)
          for (const level of levels) {
            const compile = [...emulation.flags, level, ...strict, "-c", "student.c"];
            const run = () =>
              execFileSync("arm-none-eabi-gcc", compile, { cwd: folder, stdio: "pipe" });
            expect(run, compile.join(" ")).not.toThrow();
          }
      });
    },
    180_000,
  );
});
