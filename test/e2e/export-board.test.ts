import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { type Model, networkOf, readModel, writeModel } from "../../src/distill/index.ts";
import { initialParameters } from "../../src/engine/nn/index.ts";
import { randomStream } from "../../src/engine/tensor/index.ts";
import { potstill, useFolder } from "../support/command-line.ts";
import { missingForEmulation } from "../support/emulated-cores.ts";

const folder = useFolder();
const missing = missingForEmulation();
const title = missing && ` (skipped: ${missing} missing)`;

/** Starting weights: sizes do not depend on training. */
function digitModel(hidden: number): Uint8Array {
  const about: Omit<Model, "weights"> = {
    spec: { family: "mlp", hidden: [hidden] },
    sample: { dtype: "uint8", shape: [1, 14, 14] },
    preprocessing: { scale: 1 / 255, offset: 0 },
    classNames: Array.from("0123456789"),
  };
  return writeModel({ ...about, weights: initialParameters(networkOf(about).parameters, 1) });
}

function exportFor(...words: readonly string[]) {
  const target = ["--format", "c", "--calibration", "digits", "--out", "out"];
  return potstill(folder.path, "export", "model.safetensors", ...target, ...words);
}

test("a student that fits is written, with its plan", async () => {
  writeFileSync(`${folder.path}/model.safetensors`, digitModel(16));
  const { code, stdout } = await exportFor("--board", "blue-pill", "--reserve-ram", "8K");
  expect(code).toBe(0);
  expect(stdout).toContain("blue-pill: STM32F103 Blue Pill, STM32F103C8, Cortex-M3 at 72 MHz");
  expect(stdout).toMatch(/of 20\.0 KiB, 8\.0 KiB reserved: arena 0\.2 KiB/);
  expect(stdout).toMatch(/ms, an estimate/);
  expect(existsSync(`${folder.path}/out/student.c`)).toBe(true);
});

test("one that does not fit: exit 1, layers, and a trained narrower one that does", async () => {
  writeFileSync(`${folder.path}/model.safetensors`, digitModel(200));
  const board = ["--board", "blue-pill", "--reserve-flash", "40K"];
  const { code, stdout, stderr } = await exportFor(...board);
  expect(code).toBe(1);
  expect(stdout).toMatch(/activation1 +dense +39\.\d KiB/);
  expect(stderr).toContain("error [export/over-budget]");
  expect(stderr).toMatch(/student\.hidden=\[\d+\] fits by the planner/);
  expect(stderr).toMatch(
    /trained here for 5 epochs, \d+\.\d s, on 1600 samples, it has a validation accuracy of \d+\.\d\d %, \d+\.\d\d % in int8, on 400 others, and is saved as out\.narrower\.safetensors/,
  );
  expect(folder.files()).toEqual(["model.safetensors", "out.narrower.safetensors"]);
  const again = ["--format", "c", "--calibration", "digits", "--out", "fitting", ...board];
  const offered = await potstill(folder.path, "export", "out.narrower.safetensors", ...again);
  expect(offered.code).toBe(0);
  const offer = readFileSync(`${folder.path}/out.narrower.safetensors`);
  const same = await exportFor(...board);
  expect(same.code).toBe(1);
  expect(same.stderr).toMatch(/not measured here: out\.narrower\.safetensors is there, and noth/);
  expect((await exportFor("--board", "nucleo-f446re")).code).toBe(0);
  expect(readdirSync(`${folder.path}/out`)).toContain("student.c");
  expect(readFileSync(`${folder.path}/out.narrower.safetensors`)).toEqual(offer);
});

test("without epochs for it, an offer is sizes alone and writes nothing", async () => {
  writeFileSync(`${folder.path}/model.safetensors`, digitModel(200));
  const board = ["--board", "blue-pill", "--reserve-flash", "40K"];
  const { code, stderr } = await exportFor(...board, "--offer-epochs", "0");
  expect(code).toBe(1);
  expect(stderr).toContain("its accuracy is not known before it is trained");
  expect(existsSync(`${folder.path}/out`)).toBe(false);
  expect((await exportFor(...board, "--offer-epochs", "few")).code).toBe(2);
});

test("the 96 x 96 MobileNet beside 64 KiB of firmware on 256 KiB of flash", async () => {
  const about: Omit<Model, "weights"> = {
    spec: { family: "mobileNetV1" },
    sample: { dtype: "uint8", shape: [3, 96, 96] },
    preprocessing: { scale: 1 / 255, offset: 0 },
    classNames: ["0", "1"],
  };
  const weights = initialParameters(networkOf(about).parameters, 1);
  writeFileSync(`${folder.path}/model.safetensors`, writeModel({ ...about, weights }));
  const count = 10;
  const stream = randomStream("people");
  const pixels = Uint8Array.from({ length: count * 3 * 96 * 96 }, () => stream.integer(256));
  writeFileSync(`${folder.path}/x.npy`, npy("|u1", [count, 3, 96, 96], pixels));
  const labels = Uint8Array.from({ length: count }, (_, at) => at % 2);
  writeFileSync(`${folder.path}/y.npy`, npy("|u1", [count], labels));
  const { code, stdout, stderr } = await potstill(
    folder.path,
    ...["export", "model.safetensors", "--format", "c", "--out", "out"],
    ...["--calibration", "{source: npy, samples: x.npy, labels: y.npy}"],
    ...["--board", "nucleo-l432kc", "--reserve-flash", "64K", "--offer-epochs", "1"],
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/block13\S* +conv2d +66\.3 KiB/);
  expect(stderr).toMatch(/student\.width=0\.2\d* fits by the planner/);
  expect(stderr).toMatch(/trained here for 1 epochs, .* on 8 samples, .* on 2 others/);
  const offered = readModel(readFileSync(`${folder.path}/out.narrower.safetensors`), "offered");
  expect(offered.spec).toMatchObject({ family: "mobileNetV1" });
});

/** A NumPy file, version 1.0: magic, header of a multiple of 64 bytes, elements. */
function npy(type: string, shape: readonly number[], data: Uint8Array): Buffer {
  const about = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const header = `${about.padEnd(117)}\n`;
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  return Buffer.concat([start, Buffer.from(header, "latin1"), data]);
}

test("a compiler and a core's compiler that build nothing: estimates, and C that is not checked", async () => {
  writeFileSync(`${folder.path}/model.safetensors`, digitModel(16));
  const said = "x.c:1:10: fatal error: string.h: No such file or directory";
  for (const name of ["cc", "gcc", "clang", "arm-none-eabi-gcc"]) {
    const lines = ["#!/bin/sh", '[ "$1" = --version ] && exit 0', `echo "${said}" >&2`, "exit 1"];
    writeFileSync(`${folder.path}/${name}`, lines.join("\n"), { mode: 0o755 });
  }
  const words = ["export", "model.safetensors", "--format", "c", "--calibration", "digits"];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [resolve("dist/app/cli/main.js"), ...words, "--out", "out", "--board", "blue-pill"],
    { cwd: folder.path, env: { ...process.env, PATH: `${folder.path}:${process.env.PATH}` } },
  );
  expect(stdout).toContain(`C not checked: cc builds nothing that runs here (${said})`);
  expect(stdout).toContain("start-up and model (an estimate: nothing was measured)");
  expect(stdout).toContain(`for want of a working arm-none-eabi-gcc (${said})`);
  expect(existsSync(`${folder.path}/out/student.c`)).toBe(true);
});

test("reserving room on no board is wrong usage", async () => {
  expect(await exportFor("--reserve-ram", "8K")).toMatchObject({ code: 2 });
});

test("demo-mcu without the tools: exit 2 names the packages", async () => {
  const words = [resolve("dist/app/cli/main.js"), "demo-mcu", "--runs", folder.path];
  const env = { PATH: folder.path };
  const { code, stderr } = await promisify(execFile)(process.execPath, words, { env }).then(
    () => ({ code: 0, stderr: "" }),
    ({ code, stderr }) => ({ code, stderr }),
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/apt-get install -y gcc-arm-none-eabi \S+ qemu-system-arm gcc/);
  expect(folder.files()).toEqual([]);
});

test.skipIf(missing !== "")(`demo-mcu shows digits from an emulated core${title}`, async () => {
  const teacher = "teacher.train.network={family: mlp, hidden: [32]}";
  const short = ["teacher.train.training.epochs=1", "training.epochs=1"];
  const quick = [teacher, ...short, "seeds=[1]", "training.batchSize=32"];
  const { code, stdout, stderr } = await potstill(
    folder.path,
    ...["demo-mcu", ...quick, "--runs", "."],
  );
  expect(stderr).not.toContain("error [");
  expect(code).toBe(0);
  const [, right] = /^(\d+) of 200 test digits right on an emulated Cortex-M4/m.exec(stdout) ?? [];
  expect(Number(right)).toBeGreaterThan(100);
  expect(stdout.match(/says \d, is \d/g)).toHaveLength(12);
  expect(stdout).toMatch(/[▀▄█]{2}/);
  expect(stdout).toMatch(/^\d+,\d+ instructions an inference/m);
});
