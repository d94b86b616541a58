/** @file What a report takes from a run and its data: groups, and the teacher's own combination. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { combinedLogProbabilities, framesDataset } from "../data/index.ts";
import {
  type DistillResult,
  ensembleTeacher,
  runDistillation,
  type Teacher,
} from "../distill/index.ts";
import { data, finish, randomTeacher, tinyRun } from "../distill/tiny-run.cases.ts";
import type { Runtime } from "../runtime/index.ts";
import { nodeRuntime } from "../runtime/node.ts";
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

async function inputOf(teacher: Teacher): Promise<{ result: DistillResult; input: ReportInput }> {
  const asked = tinyRun(runtime, { kind: "given", teacher }, { data: parts });
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
