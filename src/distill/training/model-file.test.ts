/** @file A model as a file: the same bytes there and back, and other files refused. */

import { describe, expect, test } from "vitest";
import { writeSafetensors } from "../../data/index.ts";
import { initialParameters } from "../../engine/nn/index.ts";
import { float32 } from "../../engine/tensor/index.ts";
import { isDistillError } from "../../errors/index.ts";
import { type Model, modelHash, networkOf, readModel, writeModel } from "./model-file.ts";

const about = {
  spec: { family: "cnn", channels: [2, 3], hidden: [4], batchNorm: true },
  sample: { dtype: "uint8", shape: [1, 8, 8] },
  preprocessing: { scale: 1 / 255, offset: -0.5 },
  classNames: ["left", "right", "größer"],
} as const;

function model(seed: number): Model {
  return { ...about, weights: initialParameters(networkOf(about).parameters, seed) };
}

function refusal(bytes: Uint8Array): string {
  try {
    readModel(bytes, "student.safetensors");
  } catch (error) {
    return isDistillError(error) ? `${error.code}: ${error.message}` : String(error);
  }
  return "no error";
}

test("comes back as it was, down to the bits", () => {
  const bytes = writeModel(model(1));
  const read = readModel(bytes, "student.safetensors");
  expect(read).toEqual(model(1));
  expect(writeModel(read)).toEqual(bytes);
});

test("keeps how its frames were made", () => {
  const context = { before: 20, after: 5 };
  const standardization = { mean: [0.1 + 0.2, -1e-9], deviation: [1 / 3, 7] };
  for (const frames of [
    { context, standardization },
    { context, standardization: null },
  ]) {
    const bytes = writeModel({ ...model(1), frames });
    expect(readModel(bytes, "student.safetensors").frames).toEqual(frames);
  }
  const odd = (deviation: readonly number[]) =>
    refusal(
      writeModel({
        ...model(1),
        frames: { context, standardization: { mean: [0, 0], deviation } },
      }),
    );
  expect(odd([1])).toMatch(/^model\/format/);
  expect(odd([1, 0])).toMatch(/^model\/format/);
});

test("the order in which its fields were written down changes nothing", () => {
  const { classNames, preprocessing, sample, ...rest } = model(1);
  const other = {
    ...{ classNames, ...rest },
    preprocessing: { offset: preprocessing.offset, scale: preprocessing.scale },
    sample: { shape: sample.shape, dtype: sample.dtype },
  };
  expect(writeModel(other)).toEqual(writeModel(model(1)));
});

test("its hash is that of its weights and of its architecture", () => {
  expect(modelHash(model(1))).toMatch(/^[0-9a-f]{64}$/);
  expect(modelHash(model(1))).toBe(modelHash(model(1)));
  expect(modelHash(model(2))).not.toBe(modelHash(model(1)));
  expect(modelHash({ ...model(1), preprocessing: { scale: 1, offset: 0 } })).not.toBe(
    modelHash(model(1)),
  );
});

describe("refuses", () => {
  test("a safetensors file of another kind", () => {
    const foreign = writeSafetensors(new Map([["w", float32([1], [1])]]));
    expect(refusal(foreign)).toMatchInlineSnapshot(
      `"model/format: student.safetensors: the file must be a model that Potstill wrote, got safetensors of another kind. Give teacher.safetensors or student.safetensors from a run folder, or an .onnx file."`,
    );
    const named = writeSafetensors(new Map([["w", float32([1], [1])]]), { format: "pt" });
    expect(refusal(named)).toContain('got format "pt"');
  });

  test("something that is no safetensors file", () => {
    expect(refusal(new TextEncoder().encode("not a model at all"))).toMatch(/^file\//);
  });

  test("metadata that is no model's", () => {
    const weights = model(1).weights;
    for (const text of ["{", "{}", JSON.stringify({ ...about, classNames: [] })])
      expect(
        refusal(writeSafetensors(weights, { format: "potstill-model-1", model: text })),
      ).toMatch(/^model\/format/);
  });

  test("a weight that is missing or of the wrong shape", () => {
    const [[name]] = [...model(1).weights] as [[string, unknown]];
    const missing = new Map([...model(1).weights].slice(1));
    expect(refusal(writeModel({ ...model(1), weights: missing }))).toContain(
      `weight "${name}" must be float32`,
    );
    const wrong = new Map(model(1).weights).set(name, float32([2], [1, 2]));
    expect(refusal(writeModel({ ...model(1), weights: wrong }))).toMatch(
      /^model\/weights: .*got float32 \[2\]/,
    );
  });

  test("a weight too many", () => {
    const stowaway = new Map(model(1).weights).set("teacher/kernel", float32([2], [1, 2]));
    expect(refusal(writeModel({ ...model(1), weights: stowaway }))).toMatch(
      /^model\/weights: .*"teacher\/kernel"/,
    );
  });
});
