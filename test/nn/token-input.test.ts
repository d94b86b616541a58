/** @file Token ids reach an embedding as they are, or the network is not built. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  arrayDataset,
  type Dataset,
  memoryStore,
  textEncoding,
  withoutDuplicates,
} from "../../src/data/index.ts";
import { modelLogits, readModel, writeModel } from "../../src/distill/index.ts";
import { prepareJob, runJob } from "../../src/distill/job.ts";
import { finish, placeIn } from "../../src/distill/small-problem.cases.ts";
import { buildNetwork } from "../../src/engine/nn/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import type { Runtime } from "../../src/engine/runtime/runtime.ts";
import { inferenceGraph } from "../../src/engine/train/index.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const family = "tinyTransformer";
const student = { family, vocabulary: 6, width: 8, heads: 2, layers: 1, padding: 0 } as const;
const text = textEncoding(["a b c d"], { size: 6, length: 3 });

/** Class 1 holds token 5, class 0 does not. */
function tokenData(more: Partial<Dataset> = {}): Dataset {
  const rows = Array.from({ length: 60 }, (_, i) => [2 + (i % 3), i % 2 === 0 ? 3 : 5, 2]);
  const dataset = arrayDataset({
    name: "tokens",
    dtype: "int32",
    shape: [3],
    data: Int32Array.from(rows.flat()),
    labels: rows.map(([, middle]) => (middle === 5 ? 1 : 0)),
    classNames: ["without", "with"],
    text,
  });
  return { ...dataset, ...more };
}

const job = (train: Dataset, vocabulary = 6) =>
  ({
    id: "student",
    network: { ...student, vocabulary },
    train,
    validation: train,
    training: { epochs: 12, batchSize: 10, learningRate: 0.02 },
    seed: 1,
  }) as const;

describe("token ids", () => {
  it("train from int32, and the model keeps the vocabulary", async () => {
    const { value } = await finish(
      runJob(job(tokenData()), { runtime, place: placeIn(memoryStore()) }),
    );
    expect(value.validationAccuracy).toBe(1);
    const again = readModel(writeModel(value.model), "model");
    expect(again.text).toEqual(text);
    expect(again.sample).toEqual({ dtype: "int32", shape: [3] });
  });

  it("may all be padding, as of an empty text: it is trained beside the others, and has logits", async () => {
    const rows = Array.from({ length: 20 }, (_, i) =>
      i === 7 ? [0, 0, 0] : [2, i % 2 ? 5 : 3, 2 + (i % 3)],
    );
    const train = arrayDataset({
      name: "tokens",
      dtype: "int32",
      shape: [3],
      data: Int32Array.from(rows.flat()),
      labels: rows.map((_, i) => i % 2),
      classNames: ["without", "with"],
      text,
    });
    const { value } = await finish(runJob(job(withoutDuplicates(train)), { runtime }));
    const logits = await modelLogits(runtime, value.model, train);
    expect([...logits].every(Number.isFinite)).toBe(true);
  });

  it("are not scaled: bytes with their usual preprocessing are refused", () => {
    const bytes = arrayDataset({
      name: "bytes",
      dtype: "uint8",
      shape: [3],
      data: Uint8Array.from([2, 3, 4]),
      labels: [0],
      classNames: ["without", "with"],
    });
    const refused = expect.objectContaining({
      code: "config/token-preprocessing",
      message: expect.stringMatching(
        /^tinyTransformer 8x1-2: token ids must reach the embedding as they are, got preprocessing of scale 0\.0039\d* and offset 0\. Set preprocessing: \{scale: 1, offset: 0\}/,
      ),
    });
    expect(() => prepareJob(job(bytes))).toThrow(refused);
    const network = buildNetwork(student, [3], 2);
    const { preprocessing } = bytes;
    expect(() => inferenceGraph({ network, sample: bytes, preprocessing, batchSize: 1 })).toThrow(
      refused,
    );
    expect(() =>
      prepareJob(job({ ...bytes, preprocessing: { scale: 1, offset: 0 } })),
    ).not.toThrow();
  });

  it("are refused if the network has no row for some of them", () => {
    expect(() => prepareJob(job(tokenData(), 5))).toThrow(
      expect.objectContaining({
        code: "config/vocabulary",
        message:
          "tinyTransformer 8x1-2: the network's vocabulary must hold the 6 tokens of the text, got 5. Set the network's vocabulary to 6, or the data's lower.",
      }),
    );
  });

  it("have no int8 form", () => {
    const { training, ...rest } = job(tokenData());
    const aware = { ...rest, training: { ...training, quantizationAware: {} } };
    expect(() => prepareJob(aware)).toThrow(expect.objectContaining({ code: "config/conflict" }));
  });
});
