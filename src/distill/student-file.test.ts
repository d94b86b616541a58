import { expect, test } from "vitest";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { randomModel } from "./small-problem.cases.ts";
import { studentFile } from "./student-file.ts";
import { networkTeacher } from "./teachers/network-teacher.ts";

test("a teacher's size is that of its .onnx file, as its students' are", async () => {
  const runtime = await nodeRuntime({ worker: false });
  const model = randomModel([12], 1);
  const teacher = await networkTeacher(runtime, model);
  await teacher.close();
  await runtime.close();
  expect(teacher.bytes).toBe(studentFile(model).bytes.length);
});
