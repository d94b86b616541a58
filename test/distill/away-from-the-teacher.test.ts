/**
 * @file In an empty directory and a process of its own, the package alone trains the student of the
 * live run.
 */

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openSoftLabels, subset } from "../../src/data/index.ts";
import { folderStore } from "../../src/data/sources/index-node.ts";
import { writeModel } from "../../src/distill/index.ts";
import { runJob } from "../../src/distill/job.ts";
import { labelAll } from "../../src/distill/label.ts";
import { packageJob } from "../../src/distill/package-job.ts";
import { data, finish, randomTeacher } from "../../src/distill/small-problem.cases.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";

const script = fileURLToPath(new URL("children/train-package.mjs", import.meta.url));

test.each([1, 2])("with three views over seven epochs, at %i thread(s)", async (threads) => {
  const runtime = await nodeRuntime({ worker: false });
  const teacher = await randomTeacher(runtime);
  const here = mkdtempSync(join(tmpdir(), "potstill-teacher-"));
  const elsewhere = mkdtempSync(join(tmpdir(), "potstill-away-"));
  try {
    const store = await folderStore(here);
    const views = { count: 3, seed: 2, augmentation: { shift: 1, flip: true } };
    await labelAll({ teacher, dataset: data.train, store, views, withInputs: true });
    const softLabels = await openSoftLabels(store);
    const spec = {
      student: { family: "mlp", hidden: [8], dropout: 0.2 },
      training: { epochs: 7, batchSize: 16, learningRate: 0.01, threads },
      distillation: { temperature: 3 },
      seed: 5,
      validation: Array.from({ length: 20 }, (_, index) => index),
    } as const;
    const validation = subset(data.train, spec.validation, "validation");
    const near = packageJob({ ...spec, id: "student", softLabels, train: data.train, validation });
    const live = { ...near, soft: { ...near.soft!, live: teacher } };
    const expected = writeModel((await finish(runJob(live, { runtime }))).value.model);
    cpSync(here, elsewhere, { recursive: true });
    rmSync(here, { recursive: true });
    const found = execFileSync(process.execPath, [script, JSON.stringify(spec)], {
      cwd: elsewhere,
      env: {},
      encoding: "utf8",
    });
    expect(found).toBe("manifest.json,shards");
    const student = new Uint8Array(readFileSync(join(elsewhere, "student.safetensors")));
    expect(student).toEqual(expected);
    expect(readdirSync(elsewhere)).toEqual(["manifest.json", "shards", "student.safetensors"]);
  } finally {
    for (const folder of [here, elsewhere]) rmSync(folder, { recursive: true, force: true });
    await teacher.close();
    await runtime.close();
  }
});
