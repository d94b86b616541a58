/** @file Students that see no sample of the data: distil, label, train from generated ones. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  jsonLines,
  potstill,
  start,
  tinyRecipe,
  useFolder,
  writeTable,
} from "../support/command-line.ts";

const folder = useFolder();
const inFolder = (...names: readonly string[]): string => join(folder.path, ...names);

const recipe = tinyRecipe
  .replace("epochs: 3, batchSize: 16 }", "epochs: 30, batchSize: 16, learningRate: 0.01 }")
  .replace(/training: \{ epochs: 3, batchSize: 16, learningRate: 0.01 \}\nseeds.*\narms.*\n/s, "")
  .concat(`training: { epochs: 20, batchSize: 16, learningRate: 0.01 }
transfer:
  generated: { kind: impressions, samples: 120, range: [-1, 2], steps: 40, temperature: 2, learningRate: 0.05 }
seeds: [1]
`);

async function run(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await potstill(folder.path, ...words);
  expect({ code, errors: stderr.match(/error \[.*/g) }).toEqual({ code: 0, errors: null });
  return stdout;
}

async function refused(...words: readonly string[]): Promise<readonly [number | null, string]> {
  const { code, stderr } = await potstill(folder.path, ...words);
  return [code, /error \[.*/.exec(stderr)?.[0] ?? stderr];
}

test("a run, and label with train, give one student; its report says what it has seen", async () => {
  writeTable(inFolder("data.csv"));
  writeFileSync(inFolder("free.yaml"), recipe);
  await run("distill", "free.yaml");
  const run1 = inFolder("runs", "tiny-1");
  const report = JSON.parse(readFileSync(join(run1, "report.json"), "utf8"));
  expect(report.data).toMatchObject({ trainSize: 120, unlabelledCount: 120 });
  expect(report.models.scratch).toBeNull();
  expect(report.transfer).toMatchObject({
    generated: "impressions",
    transferSize: 120,
    hasLabels: false,
  });
  expect(report.transfer.systems.map(({ system }: { system: string }) => system)).toEqual([
    "distilled",
  ]);
  expect(report.models.distilled.test.accuracy.mean).toBeGreaterThan(0.6); // of three classes
  const made = jsonLines(join(run1, "events.jsonl")).filter(({ type }) => type === "generate");
  expect(made.map(({ done }) => done)).toEqual([0, 100, 120]);
  await run("label", "free.yaml", "--out", "package", "--with-inputs");
  expect(existsSync(inFolder("package.teacher"))).toBe(false);
  await run("train", "package", "free.yaml", "--out", "student");
  const other = [
    "train",
    "package",
    "free.yaml",
    "transfer.generated.samples=99",
    "--out",
    "other",
  ];
  expect(await refused(...other)).toMatchInlineSnapshot(`
    [
      2,
      "error [config/conflict] package: the package must hold the 99 impressions that transfer.generated names, got 120 samples of generated impressions. Label with this recipe, or leave transfer.generated out.",
    ]
  `);
  const [whole, apart] = [
    join(run1, "student.safetensors"),
    inFolder("student", "student.safetensors"),
  ];
  expect(readFileSync(apart).equals(readFileSync(whole))).toBe(true);
}, 120_000);

test("samples of an interrupted command are used when it goes on", async () => {
  writeTable(inFolder("data.csv"));
  writeFileSync(inFolder("free.yaml"), recipe);
  const slow = ["transfer.generated.batchSize=8", "transfer.generated.steps=200"];
  const words = ["label", "free.yaml", ...slow, "--out", "package", "--with-inputs", "--json"];
  const first = start(folder.path, ...words);
  let done = 0;
  first.child.stdout!.on("data", (chunk) => {
    const [, last] = /.*"generate","done":(\d+)/s.exec(String(chunk)) ?? [];
    if (last === undefined || Number(last) < 16 || done > 0) return;
    done = Number(last);
    first.child.kill("SIGINT");
  });
  expect((await first.ended).code).toBe(130);
  const again = await run(...words);
  const events = again
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const made = events.filter(({ type }) => type === "generate");
  const found = made.filter(({ descent }) => descent === null).map(({ done: at }) => at);
  expect(found.at(-1)).toBeGreaterThanOrEqual(16);
  expect(made.at(-1)).toMatchObject({ done: 120, total: 120 });
}, 120_000);

test("an .onnx teacher labels noise; impressions of it, and samples kept nowhere, are refused", async () => {
  writeTable(inFolder("data.csv"));
  writeFileSync(inFolder("tiny.yaml"), tinyRecipe);
  await run("distill", "tiny.yaml", "seeds=[1]", "arms=[distilled]");
  const foreign = recipe.replace(
    /teacher:.*?student/s,
    "teacher: { model: runs/tiny-1/exports/student.onnx }\nallowLargerStudent: true\nstudent",
  );
  writeFileSync(inFolder("foreign.yaml"), foreign);
  expect(await refused("distill", "foreign.yaml")).toMatchInlineSnapshot(`
    [
      2,
      "error [teacher/no-gradient] impressions of teacher "runs/tiny-1/exports/student.onnx": impressions are made with the teacher's gradients, which networks of Potstill's own have, and ensembles of them, got a teacher that gives answers alone. Take kind: noise, or give samples that nobody has labelled (data.transfer).",
    ]
  `);
  await run(
    "distill",
    "foreign.yaml",
    "transfer.generated={kind: noise, samples: 60, range: [-1, 2]}",
  );
  writeFileSync(inFolder("free.yaml"), recipe);
  expect(await refused("label", "free.yaml", "--out", "package")).toMatchInlineSnapshot(`
    [
      2,
      "error [config/usage] potstill label: needs --with-inputs for samples that are nowhere else, got none. See: potstill label --help.",
    ]
  `);
  expect(await refused("sweep", "free.yaml", "T=1,2")).toMatchInlineSnapshot(`
    [
      2,
      "error [config/conflict] sweep, transfer.generated: a sweep's teachers label samples of the data, got samples that are made from the teacher. Run each point with potstill distill, or leave transfer.generated out.",
    ]
  `);
}, 120_000);
