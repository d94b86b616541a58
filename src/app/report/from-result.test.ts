/** @file What a report takes from a run and its data: groups, and the teacher's own combination. */

import { afterAll, beforeAll, expect, test } from "vitest";
import {
  combinedLogProbabilities,
  type Dataset,
  framesDataset,
  subset,
  withTeacherInputs,
} from "../../data/index.ts";
import {
  type DistillOptions,
  type DistillResult,
  ensembleTeacher,
  runDistillation,
  type Teacher,
} from "../../distill/index.ts";
import { data, finish, randomTeacher, tinyRun } from "../../distill/small-problem.cases.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { buildReport, type ReportInput, recordingGroups, reportInput } from "./index.ts";

const weights = [0.9, 0.1];
const groups = Array.from({ length: data.test.length }, (_, at) => `speaker ${at % 8}`);
const parts = { ...data, test: { ...data.test, groups } };

let runtime: Runtime;
let members: Teacher[];
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  members = [await randomTeacher(runtime, 7), await randomTeacher(runtime, 8)];
});
afterAll(() => runtime.close());

type Found = { readonly result: DistillResult; readonly input: ReportInput };

const inputOf = (teacher: Teacher): Promise<Found> => inputOfRun({ kind: "given", teacher }, parts);

async function inputOfRun(
  teacher: DistillOptions["teacher"],
  parts: DistillOptions["data"],
): Promise<Found> {
  const asked = tinyRun(runtime, teacher, { data: parts });
  const { value: result } = await finish(runDistillation(asked));
  const input = await reportInput(result, {
    title: "tiny",
    createdBy: { version: "1", runtime: "r", runtimeVersion: "1", threads: 1 },
    recipe: {},
    commandLine: "distill",
    dataName: "stripes",
    dataHash: "0",
    parts,
    studentFile: "student.onnx",
  });
  return { result, input };
}

/** Rows of the package by their keys, all members' logits. */
function rowsOf({ softLabels, manifest }: DistillResult): readonly Float32Array[] {
  const width = manifest.members.length * manifest.classCount;
  return Array.from({ length: softLabels.length }, (_, at) =>
    softLabels.logits(at, 0, new Float32Array(width)),
  );
}

test("the groups of the test part decide what is resampled", async () => {
  const { input } = await inputOf(members[0]!);
  expect(input.testGroups).toEqual(groups);
  expect(buildReport(input).testGroups).toBe(8);
});

test("the explorer shows the ensemble as it is weighed", async () => {
  const { result, input } = await inputOf(ensembleTeacher(members, { weights }));
  const weighed = rowsOf(result).map((row) =>
    combinedLogProbabilities(row, 2, { method: "arithmetic", weights }),
  );
  const least = weighed.map((row) => Math.max(...row)).sort((a, b) => a - b);
  const shown = input.explorer.map(({ teacherLogits }) => Math.max(...teacherLogits));
  for (const [at, found] of shown.entries()) expect(found).toBeCloseTo(least[at]!, 6); // float32
  const first = Array.from(input.explorer[0]!.teacherLogits);
  expect(weighed.map((row) => Array.from(Float32Array.from(row)))).toContainEqual(first);
});

test("samples that are equal for the student alone are shown with their own soft labels", async () => {
  const equal = (part: Dataset): Dataset => {
    const same = subset(part, new Int32Array(12), part.name);
    const inputs = subset(part, [...Array(12).keys()], `${part.name}, seen`);
    return withTeacherInputs(same, { ...inputs, labels: new Int32Array(12).fill(-1) });
  };
  const { train, validation, test: judged } = data;
  const pairs = { train: equal(train), validation: equal(validation), test: equal(judged) };
  const { result, input } = await inputOfRun({ kind: "given", teacher: members[0]! }, pairs);
  const own = rowsOf(result).map((row) =>
    [...combinedLogProbabilities(row, 1, { method: "arithmetic" })].map(Math.fround),
  );
  const shown = input.explorer.map(({ teacherLogits }) => [...teacherLogits]);
  expect(shown.sort()).toEqual(own.sort());
  expect(new Set(shown.map(String)).size).toBe(12);
  const saw =
    "It saw train, seen, uint8 [1, 6, 6], of the samples that the student sees as uint8 [1, 6, 6].";
  expect(input.teacher.description).toContain(saw);
  const { softLabels } = result;
  const source = { kind: "softLabels", softLabels } as const;
  const alone = await inputOfRun(source, pairs);
  expect(alone.input.teacher.description).toMatch(
    /^Known by its soft labels alone; hash \w+\. It saw/,
  );
});

test("a teacher that ends in a sigmoid hands over independent logits", async () => {
  const kind = "sigmoid" as const;
  const independent = members.map((teacher) => ({
    ...teacher,
    members: teacher.members.map((member) => ({ ...member, kind })),
  }));
  const [{ input: plain }, { result, input }] = [
    await inputOf(members[0]!),
    await inputOf(independent[0]!),
  ];
  expect([plain.teacher.isSigmoid, input.teacher.isSigmoid]).toEqual([false, true]);
  const first = Array.from(input.explorer[0]!.teacherLogits);
  expect(rowsOf(result).map((row) => Array.from(row))).toContainEqual(first);
});

test("a recording has the group of its frames", () => {
  const recording = (frames: number, group: string) => ({
    features: Float32Array.from({ length: frames }, (_, at) => at + group.length),
    group,
  });
  const spoken = framesDataset({
    name: "spoken",
    recordings: [recording(3, "ann"), recording(1, "bo"), recording(2, "ann")],
    features: 1,
    context: { before: 0, after: 0 },
    classNames: ["a"],
  });
  expect(recordingGroups(spoken)).toEqual(["ann", "bo", "ann"]);
  expect(recordingGroups(data.test)).toBeNull();
  expect(recordingGroups({ ...spoken, groups: null })).toBeNull();
});
