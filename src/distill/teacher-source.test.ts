/** @file What of a teacher is refused before anything is trained. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dataset, subset, withLabels } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import type { DistillOptions, TeacherSource } from "./options.ts";
import { runDistillation } from "./run-distillation.ts";
import {
  data,
  failure,
  randomModel,
  randomTeacher,
  stripes,
  tinyRun,
} from "./small-problem.cases.ts";
import type { Teacher } from "./teachers/index.ts";
import { trainTeacherAlone } from "./train-teacher.ts";

let runtime: Runtime;
let given: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  given = await randomTeacher(runtime);
});
afterAll(async () => {
  await given.close();
  await runtime.close();
});

const network = { family: "mlp", hidden: [12] } as const;
const training = { epochs: 2, batchSize: 16, learningRate: 0.01 };
const trained = { kind: "train", teacher: { network, training } } as const;
const specialists = { count: 2, training };
const other = ["left", "right", "middle"];

/** Of the first event: the code of the refusal. */
async function refusal(source: TeacherSource, more: Partial<DistillOptions> = {}): Promise<string> {
  const { code, message } = await failure(runDistillation(tinyRun(runtime, source, more)).next());
  return `${code} ${message}`;
}

const member = (changes: Partial<Teacher>): TeacherSource => ({
  kind: "ensemble",
  members: [trained, { kind: "given", teacher: { ...given, name: "other", ...changes } }],
});

test("a member of other classes or of another kind than the networks to train", async () => {
  expect(await refusal(member({ classNames: other }))).toMatch(
    /^teacher\/class-mismatch teacher "other" for train: class 1 is "middle" in the data/,
  );
  const sigmoid = [{ ...given.members[0]!, kind: "sigmoid" }] as const;
  expect(await refusal(member({ members: sigmoid }))).toMatch(
    /^teacher\/mixed-kinds ensemble of a network that is trained here and other/,
  );
});

test("a generalist of other samples or classes", async () => {
  const model = randomModel([12], 1);
  const source = (changes: object): TeacherSource => ({
    kind: "specialists",
    generalist: { kind: "model", model: { ...model, ...changes } },
    specialists,
  });
  const sample = { dtype: "float32", shape: [1, 6, 6] };
  expect(await refusal(source({ sample }))).toMatch(/^teacher\/input-shape generalist: the model/);
  expect(await refusal(source({ classNames: other }))).toMatch(/^teacher\/class-mismatch/);
});

test("a teacher's own training data that hold validation or test samples, or other classes", async () => {
  const { validation, test: judged } = data;
  const elsewhere = stripes("elsewhere", 20);
  for (const [own, code] of [
    [validation, "data/leak"],
    [judged, "data/leak"],
    [{ ...elsewhere, classNames: other }, "data/classes"],
  ] as const) {
    const teacher = { kind: "train", teacher: { network, training, data: own } } as const;
    expect(await refusal(teacher)).toMatch(new RegExp(`^${code}`));
    expect(await refusal({ kind: "ensemble", members: [trained, teacher] })).toMatch(code);
    const source = { kind: "specialists", generalist: trained, specialists, data: own } as const;
    expect(await refusal(source)).toMatch(code);
    expect(await refusal(trained, { transfer: { whole: own, withheld: [] } })).toMatch(code);
    const alone = trainTeacherAlone(teacher, { runtime, data });
    expect((await failure(alone.next())).code).toBe(code);
  }
});

test.each<[unknown, string, string]>([
  [undefined, "config/type", "teacher: there must be { kind, … }, got undefined"],
  ["model.onnx", "config/type", "teacher: there must be { kind, … }, got model.onnx"],
  [{ kind: "train" }, "config/type", "teacher.teacher: there must be an object, got undefined"],
  [{ kind: "train", network }, "config/type", "teacher.teacher: there must be"],
  [{ kind: "train", teacher: { training } }, "config/type", "teacher.teacher.network: there must"],
  [{ kind: "train", teacher: { network } }, "config/missing", 'teacher.training: "epochs" is'],
  [{ kind: "trained" }, "config/unknown-name", "trained"],
  [{ kind: "given" }, "config/type", "teacher.teacher: there must be"],
  [{ kind: "softLabels" }, "config/type", "teacher.softLabels: there must be"],
  [{ kind: "ensemble", members: null }, "config/type", "teacher.members: there must be"],
  [{ kind: "ensemble", members: [{ kind: "train" }] }, "config/type", "teacher.members[0].teacher"],
  [{ kind: "specialists", specialists: {} }, "config/type", "teacher.generalist: there must be"],
])("a malformed teacher, for callers without types: %j", async (source, code, words) => {
  const message = await refusal(source as TeacherSource);
  expect(message).toContain(code);
  expect(message).toContain(words);
});

test("a teacher's own windows of a recording that is judged", async () => {
  const windows = (set: Dataset, group: string): Dataset => ({
    ...set,
    wholeGroups: true,
    groups: new Array<string>(set.length).fill(group),
  });
  const [own, judged] = [windows(stripes("own", 20), "r4"), windows(data.test, "r4")];
  const parts = { ...data, test: judged };
  const teacher = { kind: "train", teacher: { network, training, data: own } } as const;
  expect(await refusal(teacher, { data: parts })).toMatch(/^data\/leak/);
  const more = { data: parts, transfer: { whole: own, withheld: [] } };
  expect(await refusal(trained, more)).toMatch(/^data\/leak/);
});

test.each([
  [{ softWeight: -1 }, "softWeight must be"],
  [{ softTemperature: 0 }, "softTemperature must be"],
  [{ temperature: 0 }, "temperature must be"],
  [{ temperature: Number.NaN }, "temperature must be"],
])("specialists of %o", async (wrong, message) => {
  const source = { kind: "specialists", generalist: trained } as const;
  const spec = { ...specialists, ...wrong };
  expect(await refusal({ ...source, specialists: spec })).toContain(message);
});

test("a seed of the views that no package can hold", async () => {
  expect(await refusal(trained, { labels: { seed: -1 } })).toContain("labels: seed must be");
});

test("a candidate of a search that its training does not fit", async () => {
  const overhead = { flashBytes: 500, ramBytes: 100 };
  const memory = { flashBytes: 100_000, ramBytes: 50_000, overhead, path: "portable" } as const;
  const more = {
    search: {
      budget: { name: "board", ...memory, millisecondsPerMac: 0.001 },
      around: [{ family: "mlp", hidden: [8, 8] }],
      candidates: 6,
    },
    training: { ...training, parameterGroups: [{ parameters: "hidden2/*", learningRateScale: 0 }] },
    allowLargerStudent: true,
  } as const;
  expect(await refusal(trained, more)).toMatch(/^config\/parameter-groups/);
});

test("samples of another form, asked of a network", async () => {
  const { train } = data;
  const float = { dtype: "float32", shape: [1, 1, 6, 6], data: new Float32Array(36) } as const;
  const asked = given.logits({ samples: float, keys: [train.key(0)], view: 0 });
  expect((await failure(asked)).code).toBe("teacher/input-shape");
});

test("what is left is let through: other samples, partly labelled", async () => {
  const own = stripes("more", 30);
  const known = withLabels(
    subset(own, Int32Array.of(0, 1, 2, 3), "few"),
    Int32Array.of(0, 1, 2, -1),
  );
  const teacher = { kind: "train", teacher: { network, training, data: known } } as const;
  const { value } = await runDistillation(tinyRun(runtime, teacher)).next();
  expect(value).toMatchObject({ type: expect.any(String) });
});

test("a teacher's own data whose text or frames are made into numbers otherwise", async () => {
  const own = stripes("own", 20, 9);
  const source = (changes: Partial<Dataset>): TeacherSource => ({
    kind: "train",
    teacher: { network, training, data: { ...own, ...changes } },
  });
  const text = { vocabulary: ["<padding>", "<unknown>", "wasp"], length: 36 };
  const frames = { context: { before: 1, after: 0 }, standardization: null };
  const more = { data: { ...data, train: { ...data.train, text, frames } } };
  const words = { ...text, vocabulary: text.vocabulary.with(2, "bee") };
  expect(await refusal(source({ text: words }), more)).toMatch(/^data\/encoding own: its tokens/);
  const other = { ...frames, context: { before: 0, after: 1 } };
  expect(await refusal(source({ frames: other }), more)).toMatch(/^data\/encoding own: its frames/);
  const judged = { ...data, test: { ...data.test, frames: other } };
  const judgedBy = { data: { ...judged, train: more.data.train } };
  expect(await refusal(trained, judgedBy)).toMatch(/^data\/encoding test: its frames/);
});
