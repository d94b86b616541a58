import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readOnnx } from "../../src/engine/onnx/index.ts";
import { hasProgram, strictFlags } from "../support/c-programs.ts";
import { mcuGuideMain } from "../support/mcu-guide.ts";
import { readmeSnippet } from "../support/readme-snippet.ts";
import { writeRingsFiles } from "../support/rings-files.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "potstill-readme-"));
  // Its own package.json, so that no other one above is found first.
  await writeFile(join(folder, "package.json"), '{ "type": "module" }\n');
  await mkdir(join(folder, "node_modules"));
  await symlink(repository, join(folder, "node_modules", "potstill"), "dir");
  await writeRingsFiles(folder);
});
afterAll(() => rm(folder, { recursive: true }));

test("the README's program has fewer than ten lines, imports included, one statement each", async () => {
  const lines = await readmeSnippet();
  expect(lines.length).toBeLessThan(10);
  for (const line of lines) {
    expect(line.length).toBeLessThanOrEqual(100);
    expect(line).toMatch(/^[^;]+;$/);
  }
});

test("it distils a student from the user's own table and ONNX teacher", async () => {
  const lines = await readmeSnippet();
  await writeFile(join(folder, "quickstart.mjs"), `${lines.join("\n")}\n`);
  // As built by `npm run build`, in a process of its own: the training worker must be found too.
  const { stdout } = await promisify(execFile)(process.execPath, ["quickstart.mjs"], {
    cwd: folder,
  });
  const [teacher, student, scratch] = stdout.trim().split(/\s+/).map(Number);
  // 120 test samples, five seeds; a fifth of the labels is random, so 0.87 is the best possible.
  // Chance is 0.33. The bounds are loose on purpose: initial weights differ by platform rounding.
  expect(teacher).toBeGreaterThan(0.75);
  expect(student).toBeGreaterThan(0.65);
  expect(scratch).toBeGreaterThan(0.55);
  expect(student).toBeLessThanOrEqual(1);
  const { graph } = readOnnx(await readFile(join(folder, "student.onnx")), "student.onnx");
  expect(graph.inputs.map(({ shape }) => shape)).toEqual([["batch", 2]]);
  expect(graph.outputs.map(({ shape }) => shape)).toEqual([["batch", 3]]);
});

test("six lines from data to C for a microcontroller, which compiles and passes its self-test", async (context) => {
  const lines = await readmeSnippet("Onto a microcontroller");
  expect(lines.length).toBeLessThanOrEqual(6);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  // The rings are learnt in far fewer epochs than the README's own table may need.
  const program = lines.join("\n").replace("epochs: 200", "epochs: 40, seeds: [1, 2, 3]");
  await writeFile(join(folder, "microcontroller.mjs"), program);
  await promisify(execFile)(process.execPath, ["microcontroller.mjs"], { cwd: folder });
  const sources = ["student.h", "student.c", "student_selftest.c"];
  for (const file of sources)
    expect(await readFile(join(folder, "student", file), "utf8")).toContain("student");
  if (!hasProgram("gcc")) context.skip("the C is not compiled: gcc is missing");
  await writeFile(join(folder, "student", "main.c"), await mcuGuideMain());
  const compile = [...strictFlags, "-o", "run", "main.c", "student.c", "student_selftest.c"];
  await promisify(execFile)("gcc", compile, { cwd: join(folder, "student") });
  const { stdout } = await promisify(execFile)(join(folder, "student", "run"));
  expect(stdout).toMatch(/^class [012]\n$/);
});

test("README.md stays under 150 lines", async () => {
  const readme = await readFile(join(repository, "README.md"), "utf8");
  expect(readme.split("\n").length).toBeLessThan(150);
});
