/** @file Trainings outside distill and train: a step larger than memory is refused there too. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyRecipe, writeTable } from "../../../test/support/command-line.ts";
import { Distiller } from "../../distill/index.ts";
import { data, failure, randomModel } from "../../distill/small-problem.cases.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { parseRecipe } from "../spec/index.ts";
import { distilled } from "./mcu/train-narrower-student.ts";
import { runTask } from "./sweep/run-task.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

/** Four terabytes of weights: no machine has as much memory. */
const huge = { family: "mlp", hidden: [1_000_000, 1_000_000] } as const;
const tooLarge = /a step must fit in the .* of memory that are free, got an estimate of \d+ GB/;

test("Distiller: by memoryBytes, before its teacher is trained", async () => {
  const training = { epochs: 1, batchSize: 512 };
  const teacher = { train: { network: { family: "mlp", hidden: [8] }, training } } as const;
  const student = { family: "mlp", hidden: [4] } as const;
  const distiller = new Distiller({ teacher, student }, () => nodeRuntime({ worker: false }));
  const run = distiller.run(data, { ...training, memoryBytes: 100_000 });
  const { code, message } = await failure(run.next());
  expect(code).toBe("run/memory");
  expect(message).toContain("a step must fit in the 0.100 MB of memory");
});

test("a sweep's student and teacher", async () => {
  const folder = mkdtempSync(join(tmpdir(), "potstill-memory-"));
  writeTable(join(folder, "data.csv"));
  const words = tinyRecipe.replace("data.csv", join(folder, "data.csv"));
  const context = {
    runtime,
    root: folder,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
  const recipe = { ...parseRecipe(words, "tiny.yaml"), student: huge };
  const student = { kind: "student", folder: "student", recipe, seed: 1, labels: null } as const;
  expect((await failure(runTask(student, context))).message).toMatch(tooLarge);
  const training = { epochs: 1 };
  const teacher = {
    kind: "teacher",
    folder: "teacher",
    recipe: { ...recipe, teacher: { train: { network: huge, training } } },
  } as const;
  expect((await failure(runTask(teacher, context))).message).toMatch(tooLarge);
  rmSync(folder, { recursive: true });
});

test("the narrower student that an export offers", async () => {
  const student = { spec: huge, overrides: [], constantBytes: 0, arenaBytes: 0, macs: 0 };
  const offer = distilled(runtime, { model: randomModel([12], 7), student, epochs: 1 }, data);
  expect((await failure(offer)).message).toMatch(tooLarge);
});
