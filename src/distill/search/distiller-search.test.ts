/** @file Distiller.search: the search of recipes, by bytes and by a board's name. */

import { expect, test } from "vitest";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { boardSearch } from "../boards/index-node.ts";
import { Distiller, type DistillerFitOptions } from "../distiller.ts";
import { Distiller as NodeDistiller } from "../distiller-node.ts";
import type { DistillEvent } from "../events.ts";
import { runDistillation } from "../run-distillation.ts";
import { data, failure, finish, randomTeacher } from "../small-problem.cases.ts";
import { modelHash } from "../training/model-file.ts";
import type { StudentSearch } from "./plan-search.ts";

const budget: StudentSearch["budget"] = {
  name: "test-board",
  flashBytes: 2000,
  ramBytes: 400,
  path: "portable",
  overhead: { flashBytes: 500, ramBytes: 100 },
  millisecondsPerMac: 0.001,
};
const student = { family: "mlp", hidden: [16] } as const;
const options: DistillerFitOptions = {
  ...{ epochs: 3, batchSize: 16, learningRate: 0.01, seeds: [1], allowLargerStudent: true },
};
const parts = { train: data.train, validation: data.validation, test: data.test };
const opened = (runtime: Runtime) => randomTeacher(runtime);
const open = () => nodeRuntime({ worker: false });

test("finds and distils what runDistillation does with the same search", async () => {
  const search = { budget, minAccuracy: 0.01, candidates: 4 };
  const distiller = new Distiller({ teacher: opened, student }, open);
  const {
    found,
    search: all,
    model,
    student: accuracy,
  } = await distiller.search(parts, search, options);
  const runtime = await open();
  const teacher = await randomTeacher(runtime);
  const { value: run } = await finish(
    runDistillation({
      ...{ runtime, data, teacher: { kind: "given", teacher }, student, search },
      ...{ arms: ["distilled", "scratch"], seeds: [1], allowLargerStudent: true },
      training: { epochs: 3, batchSize: 16, learningRate: 0.01 },
      distillation: { temperature: 4, softWeight: 0.9, hardWeight: 0.1 },
      createdBy: "test",
    }),
  );
  await runtime.close();
  expect(all.trials).toEqual(run.search?.trials);
  expect(found).toEqual(all.trials[all.chosen]);
  expect(model.spec).toEqual(found.spec);
  expect(modelHash(model)).toBe(modelHash(run.arms[0]!.runs[0]!.job.model));
  expect(found.flashBytes).toBeLessThanOrEqual(budget.flashBytes);
  expect(accuracy.perSeed).toHaveLength(1);
});

test.each([
  [{ family: "mlp", hidden: [8] }, "an object with family, hidden"],
  [undefined, "undefined"],
  [null, "null"],
  [7, "7"],
  [{ train: undefined }, "train: undefined"],
  [{ train: { family: "mlp", hidden: [8] } }, "train: an object with family, hidden"],
  [{ train: { network: student } }, "train: an object with network"],
  [
    { name: "none", logits: async () => new Float32Array(3) },
    "an object with name, logits, without currentHash, close, members, workload",
  ],
])("refuses a teacher that is none: %j", (teacher, got) => {
  const make = (): unknown => new NodeDistiller({ teacher: teacher as never, student });
  expect(make).toThrow(
    `Distiller: teacher must be a teacher, a function that opens one, { train: ... }, or in Node a file, got ${got}. ` +
      'Name a file: teacher: "teacher.onnx", or what to train: teacher: { train: { network, training } }.',
  );
});

test("starts from what the samples suggest where no student is named; says it in events", async () => {
  const wide = { ...budget, flashBytes: 20_000, ramBytes: 8_000 };
  const run = new Distiller({ teacher: opened }, open).runSearch(
    parts,
    { budget: wide, candidates: 3, prefer: "size", minAccuracy: 0.01 },
    options,
  );
  const events: DistillEvent[] = [];
  let next = await run.next();
  for (; next.done !== true; next = await run.next()) events.push(next.value);
  expect(["cnn", "dsCnn"]).toContain(next.value.found.spec.family); // samples are images
  const types = events.map(({ type }) => type);
  expect(types.filter((type) => type.startsWith("search"))).toEqual(["search-start", "search-end"]);
  expect(types.indexOf("search-start")).toBeLessThan(types.indexOf("search-end"));
});

test("a board's name stands for its bytes, with reserves as text or numbers", () => {
  const { budget: own, ...rest } = boardSearch(
    { board: "blue-pill", reserveFlash: "32K", reserveRam: 4096, minAccuracy: 0.9 },
    "Distiller.search",
  );
  expect(own).toMatchObject({ name: "blue-pill", flashBytes: 32 * 1024, ramBytes: 16 * 1024 });
  expect(rest).toEqual({ minAccuracy: 0.9 });
});

test("refuses before any work: a board that is none, and fit without a student", async () => {
  const node = new NodeDistiller({ teacher: opened });
  await expect(async () => node.search(parts, { board: "blue-pil" })).rejects.toThrow(
    /Distiller\.search\.board: .*"blue-pil".*blue-pill/,
  );
  const none = await failure(new Distiller({ teacher: opened }, open).fit(parts, options));
  expect(none.code).toBe("config/missing");
  expect(none.message).toBe(
    'Distiller: fit and run need a student, got none. Name one: student: { family: "mlp", hidden: [32] }, or call search.',
  );
});
