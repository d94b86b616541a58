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
  const { code, stderr } = await potstill(folder.path, "distill", "free.yaml");
  expect(code).toBe(0);
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
  const { distinctSize } = report.transfer;
  expect(distinctSize).toBeLessThan(120); // of a table most values end at the range's ends
  expect(made.at(-1)).toMatchObject({ distinct: distinctSize });
  const seen = "120 made from the teacher (impressions) in place of 144 training, 36 validation";
  expect(readFileSync(join(run1, "MODEL_CARD.md"), "utf8")).toContain(`- Data: data.csv, ${seen}`);
  expect(readFileSync(join(run1, "report.html"), "utf8")).toContain(seen);
  expect(stderr).toContain(`data.csv: ${seen}`);
  expect(stderr).toMatch(/generated samples {2}120\/120 {2}kl \S+ to \S+ {2}\d+ different/);
  await run("label", "free.yaml", "--out", "package", "--with-inputs");
  expect(existsSync(inFolder("package.teacher"))).toBe(false);
  await run("train", "package", "free.yaml", "--out", "student");
  const other = ["train", "package", "free.yaml", "--out", "other"];
  expect(await refused(...other, "transfer.generated.steps=41")).toMatchInlineSnapshot(`
    [
      2,
      "error [config/conflict] package: the package must hold the samples that transfer.generated names: { kind: impressions, samples: 120, seed: 0, range: [ -1, 2 ], distribution: uniform, blur: 0, batchSize: 100, scales: [ 1, 0.1 ], temperature: 2, steps: 41, learningRate: 0.05, statisticsWeight: 10 }, got { kind: impressions, samples: 120, seed: 0, range: [ -1, 2 ], distribution: uniform, blur: 0, batchSize: 100, scales: [ 1, 0.1 ], temperature: 2, steps: 40, learningRate: 0.05, statisticsWeight: 10 }. Label with this recipe, or leave transfer.generated out.",
    ]
  `);
  writeTable(inFolder("others.csv"), (rows) => {
    for (const [at, row] of rows.entries()) rows[at] = row.replace("class2", "class3");
  });
  expect(await refused(...other, "data.file=others.csv")).toMatchInlineSnapshot(`
    [
      2,
      "error [data/class] others.csv/validation: validation samples must be of the classes class0, class1, class2 as the training samples are, got of the classes class0, class1, class3. Give validation data of the same kind.",
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
  const interrupted = async (...more: readonly string[]): Promise<string> => {
    const first = start(folder.path, ...words, ...more);
    let done = 0;
    first.child.stdout!.on("data", (chunk) => {
      const [, last] = /.*"generate","done":(\d+)/s.exec(String(chunk)) ?? [];
      if (last === undefined || Number(last) < 16 || done > 0) return;
      done = Number(last);
      first.child.kill("SIGINT");
    });
    const { code, stdout } = await first.ended;
    expect(code).toBe(130);
    return stdout;
  };
  expect(await interrupted()).toContain('"type":"epoch"');
  expect(await interrupted("transfer.generated.seed=5")).not.toContain('"type":"epoch"'); // the same teacher
  const again = await run(...words);
  const events = again
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const made = events.filter(({ type }) => type === "generate");
  const found = made.filter(({ descent }) => descent === null).map(({ done: at }) => at);
  expect(found.at(-1)).toBeGreaterThanOrEqual(16);
  expect(made.at(-1)).toMatchObject({ done: 120, total: 120 });
  expect(existsSync(inFolder("package.teacher"))).toBe(false);
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
  const unlabelled = "data.transfer={ file: data.csv }";
  expect(await refused("distill", "free.yaml", unlabelled)).toMatchInlineSnapshot(`
    [
      2,
      "error [config/conflict] transfer.generated: the students see generated samples in place of the training part's, got data.transfer beside them. Leave one or the other out.",
    ]
  `);
  const pairs = "teacherInputs={ source: csv, file: data.csv, columns: [a, b] }";
  for (const command of [["distill"], ["label", "--with-inputs", "--out", "package"]])
    expect(await refused(...command, "free.yaml", pairs)).toMatchInlineSnapshot(`
      [
        2,
        "error [config/conflict] transfer.generated: generated samples are what the teacher sees, and what the students see, got teacherInputs, which the teacher sees in place of the students' samples. Leave teacherInputs or transfer.generated out.",
      ]
    `);
  expect(await refused("sweep", "free.yaml", "T=1,2")).toMatchInlineSnapshot(`
    [
      2,
      "error [config/conflict] sweep, transfer.generated: a sweep's teachers label samples of the data, got samples that are made from the teacher. Run each point with potstill distill, or leave transfer.generated out.",
    ]
  `);
}, 120_000);
