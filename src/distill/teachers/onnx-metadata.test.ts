/** @file What an .onnx file of Potstill's says of its classes and tokens, and who must agree. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Runtime } from "../../runtime/index.ts";
import { nodeRuntime } from "../../runtime/node.ts";
import { linearModel } from "./onnx-model.cases.ts";
import { type OnnxTeacherOptions, onnxTeacher } from "./onnx-teacher.ts";
import { insectData } from "./teacher.cases.ts";
import type { Teacher } from "./teacher.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const dataset = insectData(20);

const load = (options: Partial<OnnxTeacherOptions>): Promise<Teacher> =>
  onnxTeacher(runtime, { model: linearModel(), file: "teacher.onnx", dataset, ...options });

const refusal = (options: Partial<OnnxTeacherOptions>): Promise<string> =>
  load(options).then(
    () => "no error",
    ({ code, message }: { code: string; message: string }) => `${code} ${message}`,
  );

test("other classes, or another order of them, than a file of Potstill's names", async () => {
  const named = (names: readonly string[]) =>
    linearModel({ metadata: { classNames: JSON.stringify(names) } });
  const { classNames } = dataset;
  const teacher = await load({ model: named(classNames) });
  expect(teacher.classNames).toEqual(classNames);
  await teacher.close();
  expect(await refusal({ model: named(classNames.toReversed()) })).toMatch(
    /^teacher\/class-mismatch .*class 0 is "ant" in the data/,
  );
  expect(await refusal({ model: named(classNames.slice(1)) })).toMatch(/^teacher\/class-mismatch/);
  const foreign = linearModel({ metadata: { classNames: "{0: 'wasp'}", names: "x" } });
  expect((await load({ model: foreign })).classNames).toBeNull();
});

test("tokens that a file of Potstill's numbers otherwise", async () => {
  const vocabulary = ["<padding>", "<unknown>", "wasp", "bee"];
  const model = linearModel({ metadata: { vocabulary: JSON.stringify(vocabulary) } });
  const text = (tokens: readonly string[]) => ({ vocabulary: tokens, length: 16 });
  const other = { ...dataset, text: text(vocabulary.toReversed()) };
  expect(await refusal({ model, dataset: other })).toMatch(/^teacher\/vocabulary/);
  expect(await refusal({ model })).toMatch(/^teacher\/vocabulary .*none in insects/);
  await load({ model, dataset: { ...dataset, text: text(vocabulary) } });
});
