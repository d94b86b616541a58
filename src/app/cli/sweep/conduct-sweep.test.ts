/** @file What a sweep keeps apart, refuses, and gets over. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeTable } from "../../../../test/support/command-line.ts";
import type { Dataset } from "../../../data/index.ts";
import { folderStore } from "../../../data/sources/index-node.ts";
import { studentFile } from "../../../distill/index.ts";
import { randomModel } from "../../../distill/small-problem.cases.ts";
import type { Runtime } from "../../../engine/runtime/index.ts";
import { nodeRuntime } from "../../../engine/runtime/node.ts";
import type { SweepReport } from "../../report/index.ts";
import { conductSweep, type PreparedSweep, prepareSweep } from "./conduct-sweep.ts";
import { packageFacts } from "./point-tasks.ts";
import { runTask } from "./run-task.ts";
import { preparedSweep, useTinyTable } from "./small-sweep.cases.ts";
import { resultName, type Task } from "./task.ts";

const folder = useTinyTable();
let runtime: Runtime;
beforeEach(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterEach(() => runtime.close());

/** Conducts a sweep with its test; trainings on hard labels alone fail. */
async function conducted(sweep: PreparedSweep): Promise<SweepReport> {
  const path = join(folder.path, "sweep");
  const store = await folderStore(path);
  const failed = { kind: "failed", code: "run/non-finite", message: "the loss became NaN" };
  const run = async (task: Task, { signal }: { readonly signal: AbortSignal }): Promise<void> => {
    if (task.kind !== "student" || task.labels !== null)
      return runTask(task, { runtime, root: path, signal, onProgress: () => undefined });
    const bytes = new TextEncoder().encode(JSON.stringify(failed));
    await store.write(`${task.folder}/${resultName}`, bytes);
  };
  const report = await conductSweep(
    { ...sweep, request: { ...sweep.request, test: true } },
    {
      runtime,
      path,
      store,
      executor: { slots: 1, run, close: async () => undefined },
      signal: new AbortController().signal,
      watcher: { onProgress: () => undefined, onDone: () => undefined },
      onRung: () => undefined,
    },
  );
  expect(await store.read("sweep-report.json")).toBeDefined();
  return report;
}

test("the winner is tested though its twin on hard labels has failed", async () => {
  const sweep = await preparedSweep(folder.path, folder.recipe, ["T=1,4"], true);
  const { test: tested, validationGroups } = await conducted(sweep);
  expect([tested!.groups, validationGroups]).toEqual([null, null]);
});

test("intervals are over the groups of validation and test samples", async () => {
  const { data, ...sweep } = await preparedSweep(folder.path, folder.recipe, ["T=1,4"]);
  const grouped = (part: Dataset, count: number): Dataset => ({
    ...part,
    groups: Array.from({ length: part.length }, (_, at) => String(at % count)),
  });
  const { validation, test: held } = data.parts;
  const parts = { ...data.parts, validation: grouped(validation, 4), test: grouped(held!, 2) };
  const report = await conducted({ ...sweep, data: { ...data, parts } });
  expect([report.validationGroups, report.test!.groups]).toEqual([4, 2]);
  expect(report.test!.accuracy.low).toBeNull();
});

test("a teacher's file that has changed is another teacher", async () => {
  const file = join(folder.path, "teacher.bin");
  const recipe = folder.recipe.replace(
    /teacher:.*?student:/s,
    `teacher: { model: "${file}" }\nstudent:`,
  );
  const facts = async (): Promise<unknown> => {
    const { plans } = await preparedSweep(folder.path, recipe, ["labels.views=1"]);
    return packageFacts(plans[0]!);
  };
  await expect(facts()).rejects.toMatchObject({ code: "file/missing" });
  writeFileSync(file, studentFile(randomModel([8], 3, 1)).bytes);
  const before = await facts();
  expect(await facts()).toEqual(before);
  writeFileSync(file, studentFile(randomModel([8], 3, 2)).bytes);
  expect(await facts()).not.toEqual(before);
});

test("data without any label are refused before anything is trained", async () => {
  writeTable(join(folder.path, "data.csv"), (rows) => {
    for (let row = 1; row < rows.length; row++) rows[row] = rows[row]!.replace(/class\d/, "");
  });
  const recipe = folder.recipe.replace("csv,", 'csv, unlabelled: "",');
  await expect(preparedSweep(folder.path, recipe, ["T=1,4"])).rejects.toMatchObject({
    code: "data/classes",
  });
});

test("test samples without a label are refused only where the test is asked for", async () => {
  const held = join(folder.path, "held.csv");
  writeTable(held, (rows) => rows.splice(1, rows.length, "1,2,3,4,"));
  const recipe = folder.recipe
    .replace("csv,", `csv, unlabelled: "", test: { file: "${held}" },`)
    .replace("test: 0.25, ", "");
  const { request } = await preparedSweep(folder.path, recipe, ["T=1,4"]);
  await expect(prepareSweep({ ...request, test: true })).rejects.toMatchObject({
    code: "data/unlabelled",
  });
});
