/** @file Compilers and emulators that are installed and cannot do their work. */

import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { assertCParity } from "../../../src/app/cli/check-c.ts";
import { type Budget, budgetOf } from "../../../src/app/cli/mcu/budget.ts";
import { budgetLines } from "../../../src/app/cli/mcu/budget-text.ts";
import { exportC, inMemoryOrder } from "../../../src/device/export/index.ts";
import { imageOf, runQuantized } from "../../../src/device/quantize/index.ts";
import { boardNamed } from "../../../src/distill/boards/index-node.ts";
import { bytesOf } from "../../../src/engine/tensor/index.ts";
import { hasProgram } from "../../support/c-programs.ts";
import { missingForEmulation } from "../../support/emulated-cores.ts";
import { randomInputs } from "../../support/integer-parity.ts";
import { randomLayer } from "../../support/random-layers.ts";

const graph = randomLayer("dense", 1);
const program = exportC(graph);
const samples = randomInputs(graph, 3);
const outputs = samples.map((sample) => runQuantized(graph, sample));
const image = imageOf(graph.tensors[graph.input]!.shape);

const path = process.env.PATH;
const temporary = process.env.TMPDIR;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "potstill-tools-"));
});
afterEach(() => {
  process.env.PATH = path;
  if (temporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = temporary;
  rmSync(folder, { recursive: true, force: true });
});

/** A program that has a version, and otherwise does what the lines of shell say. */
function fake(name: string, ...lines: readonly string[]): void {
  const version = 'if [ "$1" = --version ]; then echo 1; exit 0; fi';
  writeFileSync(join(folder, name), ["#!/bin/sh", version, ...lines, ""].join("\n"));
  chmodSync(join(folder, name), 0o755);
  process.env.PATH = `${folder}${delimiter}${path}`;
}

/** The program itself, unless an argument is as given. */
function fakeUnless(name: string, argument: string, ...lines: readonly string[]): void {
  const real = execFileSync("which", [name], { encoding: "utf8" }).trim();
  const cases = [`case " $* " in *${argument}*) ${lines.join("; ")};; esac`];
  fake(name, ...cases, `exec ${real} "$@"`);
}

const failing = (line: string): string => `echo "${line}" >&2; exit 1`;

function budgetFor(board: string, files = program.files): Budget {
  return budgetOf({
    board: boardNamed(board),
    reserve: { flashBytes: 0, ramBytes: 0 },
    name: "student",
    program: { ...program, files },
    samples: samples.map((sample) => bytesOf(inMemoryOrder(sample, image))),
  });
}

const check = (files = program.files) =>
  assertCParity({ graph, name: "student", files, samples, outputs });

function expectEstimate(budget: Budget, lack: string): void {
  expect(budget.missing).toEqual([lack]);
  expect(budget.stack.isMeasured || budget.instructions.isMeasured).toBe(false);
  expect(budget.instructions.value).toBeGreaterThan(0);
}

const noHeader = "x.c:3:10: fatal error: string.h: No such file or directory";

describe.skipIf(missingForEmulation() !== "")("a board is planned by estimates where", () => {
  test("the core's compiler has no C library", () => {
    fake("arm-none-eabi-gcc", 'echo "In file included from x.h" >&2', failing(noHeader));
    const budget = budgetFor("blue-pill");
    expectEstimate(budget, `a working arm-none-eabi-gcc (${noHeader})`);
    expect(budget.flash.isMeasured).toBe(false);
    const text = budgetLines(budget).join("\n");
    expect(text).toContain(`not measured for want of a working arm-none-eabi-gcc (${noHeader})`);
    expect(text).toContain("apt-get install -y gcc-arm-none-eabi libnewlib-arm-none-eabi");
  });

  test("QEMU has no plugins", () => {
    fakeUnless("qemu-system-arm", "-plugin", failing("qemu-system-arm: -plugin: invalid option"));
    const budget = budgetFor("blue-pill");
    expectEstimate(budget, "a working qemu-system-arm (qemu-system-arm: -plugin: invalid option)");
    expect(budget.flash.isMeasured).toBe(true);
  });

  test("QEMU counts nothing", () => {
    fake("qemu-system-arm", "touch out.bin count.txt; printf 0000 > stack.bin");
    const budget = budgetFor("blue-pill");
    expectEstimate(budget, "a working qemu-system-arm (no instruction was counted)");
  });

  test("the host's compiler links no shared library", () => {
    fakeUnless("gcc", "-shared", failing("Undefined symbols for architecture arm64"));
    const budget = budgetFor("blue-pill");
    expectEstimate(budget, "a working gcc (Undefined symbols for architecture arm64)");
  });

  test("there is no folder for files of the moment", () => {
    process.env.TMPDIR = join(folder, "gone");
    const [lack] = budgetFor("blue-pill").missing;
    expect(lack).toMatch(/^a working \S*gone \(ENOENT: no such file or directory, mkdtemp/);
  });
});

test.skipIf(missingForEmulation() !== "")("warnings of a compiler to come are none of ours", () => {
  fakeUnless("arm-none-eabi-gcc", "-Werror", failing("x.c: error: new [-Werror=new]"));
  expect(budgetFor("blue-pill").missing).toEqual([]);
});

test.skipIf(missingForEmulation() !== "")("C that is at fault itself is an error", () => {
  const broken = new Map([...program.files, ["student.c", "int32_t nothing = ;\n"]]);
  expect(() => budgetFor("blue-pill", broken)).toThrow(
    expect.objectContaining({
      code: "export/compile",
      message: expect.stringMatching(
        /^potstill export: the exported C must be built and run by .*, got arm-none-eabi-gcc: student\.c:1:\d+: error: .* please report it\.$/,
      ),
    }),
  );
  const endless = [...program.files].map(([name, text]) => [
    name,
    text.replace(/void student_run\(uint32_t \*arena\) \{/, "$& *(volatile int *)0xFFFFFFF0 = 1;"),
  ]) as [string, string][];
  expect(() => budgetFor("blue-pill", new Map(endless))).toThrow(
    expect.objectContaining({ code: "export/compile" }),
  );
});

describe.skipIf(!hasProgram("gcc"))("the check of exported C", () => {
  test("takes the next compiler where one builds nothing", () => {
    fake("cc", failing(noHeader));
    expect(check()).toEqual({ compiler: "gcc" });
  });

  test("says why where none does", () => {
    for (const name of ["cc", "gcc", "clang"]) fake(name, failing(noHeader));
    const why = ["cc", "gcc", "clang"].map(
      (name) => `${name} builds nothing that runs here (${noHeader})`,
    );
    expect(check()).toEqual({ why: why.join(", ") });
  });

  test("says why where nothing that was compiled may run", () => {
    for (const name of ["cc", "gcc", "clang"]) fake(name, "echo '#!/nowhere' > run; chmod 644 run");
    expect(check()).toMatchObject({ why: expect.stringMatching(/cc builds nothing .*EACCES/) });
  });

  test("is an error where the C is at fault", () => {
    const broken = new Map([...program.files, ["student.c", "int32_t nothing = ;\n"]]);
    expect(() => check(broken)).toThrow(expect.objectContaining({ code: "export/compile" }));
    const ending = new Map([
      ...program.files,
      ["student.c", "void student_invoke(void) { *(volatile int *)0 = 1; }\n"],
    ]);
    expect(() => check(ending)).toThrow(expect.objectContaining({ code: "export/compile" }));
  });

  test("looks at no warnings", () => {
    fakeUnless("cc", "-Werror", failing("x.c: error: new [-Werror=new]"));
    expect(check()).toEqual({ compiler: "cc" });
  });
});
