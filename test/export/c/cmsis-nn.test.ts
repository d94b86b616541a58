import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildCmsisNn } from "../../../src/app/cli/mcu/cmsis-nn.ts";
import type { Library } from "../../../src/app/cli/mcu/image.ts";
import { exportC } from "../../../src/device/export/index.ts";
import { quantizeGraph } from "../../../src/device/quantize/index.ts";
import type { Emulation } from "../../../src/distill/boards/index-node.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { hasProgram, inFolder } from "../../support/c-programs.ts";
import { cores, missingForEmulation, runEmulated } from "../../support/emulated-cores.ts";
import { parityBytes, randomInputs } from "../../support/integer-parity.ts";
import { mlperfTiny } from "../../support/mlperf-tiny.ts";
import { networks, randomSamples } from "../../support/quantized-networks.ts";

/** A copy of github.com/ARM-software/CMSIS-NN; it is on no registry, so CI goes without. */
const source = env.CMSIS_NN_SOURCE ?? "";
const isThere = existsSync(join(source, "Include/arm_nnfunctions.h"));
const missing = [
  ...(isThere ? [] : ["CMSIS_NN_SOURCE, a copy of it,"]),
  ...(hasProgram("gcc") ? [] : ["gcc"]),
].join(" and ");
const skipped = (what: string): string => what && ` (skipped: ${what} missing)`;

let runtime: Runtime;
let folder: string;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  folder = mkdtempSync(join(tmpdir(), "potstill-cmsis-nn-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await runtime.close();
});

const buildMinutes = 10;
/** Compiles CMSIS-NN for a core, or for the host. */
function library(emulation?: Emulation): Library {
  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync(program, args, { encoding: "utf8" });
  const own = join(folder, emulation?.machine ?? "host");
  return buildCmsisNn({ source, folder: own, run, ...(emulation && { emulation }) });
}

/** A layer that CMSIS-NN does not take, which plain C would compute unnoticed, ends the program. */
function withoutFallback(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const text = files.get("student.c")!;
  const calls = text.match(/arm_\w+_s8\(&context/g) ?? []; // none for the smallest layers
  const fallback = /(?<=!= ARM_CMSIS_NN_SUCCESS\)\n\s+)\w+\(.*\);/g;
  expect(text.match(fallback) ?? []).toHaveLength(calls.length);
  return new Map([...files, ["student.c", text.replace(fallback, "{ __builtin_trap(); $& }")]]);
}

interface Parity {
  readonly files: ReadonlyMap<string, string>;
  readonly inputs: Int8Array;
  readonly expected: Uint8Array;
}

/** @returns the C code of a network, ten samples for it, and what the reference gives */
async function parityOf(build: (typeof networks)[string]): Promise<Parity> {
  const graph = build();
  const calibration = randomSamples(graph, 8);
  const quantized = await quantizeGraph(graph, { calibration, runtime });
  const { files } = exportC(quantized);
  return { files: withoutFallback(files), ...parityBytes(quantized, randomInputs(quantized, 10)) };
}

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

describe.skipIf(missing !== "")(
  `portable CMSIS-NN gives the reference's bytes${skipped(missing)}`,
  () => {
    let cmsisNn: Library;
    beforeAll(() => {
      cmsisNn = library();
    }, buildMinutes * 60_000);

    test.each(Object.entries({ ...networks, ...mlperfTiny }))(
      "%s",
      async (_, build) => {
        const { files, inputs, expected } = await parityOf(build);
        inFolder((own) => {
          for (const [path, text] of files) writeFileSync(join(own, path), text);
          writeFileSync(join(own, "main.c"), main);
          writeFileSync(join(own, "in.bin"), inputs);
          const strict = ["-Wall", "-Wextra", "-Werror"];
          const checked = ["-fsanitize=undefined,address", "-fno-sanitize-recover=all"];
          const flags = ["-std=c99", "-O1", ...strict, ...checked, ...cmsisNn.flags];
          const args = [...flags, "-o", "run", "student.c", "main.c", cmsisNn.archive, "-lm"];
          execFileSync("gcc", args, { cwd: own });
          execFileSync(join(own, "run"), { cwd: own });
          expect(readFileSync(join(own, "out.bin")).equals(Buffer.from(expected))).toBe(true);
        });
      },
      120_000,
    );
  },
);

/**
 * Emulated cores, with an instruction that CMSIS-NN's kernels are there made of, and at most how
 * many a sample takes, of plain C and with CMSIS-NN; what docs/mcu.md says, and 2 % more.
 */
const vectorCores = [
  {
    ...{ core: "cortex-m55", kernels: "Helium", instruction: /\bvmlava\.s8\b/ },
    atMost: { "ds-cnn": [5_577_000, 1_899_000], "resnet-8": [17_527_000, 6_224_000] },
  },
  {
    ...{ core: "cortex-m4", kernels: "DSP", instruction: /\bsmlad\b/ },
    atMost: { "ds-cnn": [5_563_000, 8_002_000], "resnet-8": [17_636_000, 29_866_000] },
  },
];
const missingThere = [missing, missingForEmulation("arm")].filter(Boolean).join(" and ");

describe.skipIf(missingThere !== "").each(vectorCores)(
  `CMSIS-NN's $kernels kernels on an emulated $core${skipped(missingThere)}`,
  ({ core: name, instruction, atMost }) => {
    const core = cores.find((one) => one.name === name)!;
    let cmsisNn: Library;
    beforeAll(() => {
      cmsisNn = library(core.emulation);
    }, buildMinutes * 60_000);

    test("are made of the core's own instructions", () => {
      const code = execFileSync("arm-none-eabi-objdump", ["-d", cmsisNn.archive], {
        encoding: "utf8",
        maxBuffer: 2 ** 28,
      });
      expect(code).toMatch(instruction);
    });

    test.each(Object.entries({ ...networks, ...mlperfTiny }))(
      "give the reference's bytes: %s",
      async (_, build) => {
        const { files, inputs, expected } = await parityOf(build);
        const run = { files, name: "student", core, inputs, library: cmsisNn };
        const { outputs } = runEmulated(run);
        expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
      },
      120_000,
    );

    test.each(Object.entries(atMost))(
      "take the instructions that docs/mcu.md says: %s",
      async (network, limits) => {
        const { files, inputs } = await parityOf(mlperfTiny[network]!);
        const plain = { files, name: "student", core, inputs, count: true };
        for (const [at, run] of [plain, { ...plain, library: cmsisNn }].entries()) {
          const most = Math.max(...runEmulated(run).instructions);
          expect(most).toBeLessThanOrEqual(limits[at]!);
          expect(most).toBeGreaterThan(0.9 * limits[at]!);
        }
      },
      600_000,
    );
  },
);

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
