/** @file ONNX files as teachers, on ONNX Runtime: what is read, how it is fed, what is refused. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arrayDataset } from "../../data/index.ts";
import { withZipMap } from "../../engine/onnx/zip-map.cases.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { float16FromFloat32, float32FromFloat16, tensor } from "../../engine/tensor/index.ts";
import { repeatedLogits } from "./assert-teacher.ts";
import { ensembleTeacher } from "./ensemble-teacher.ts";
import { linearModel, linearWeights, node, sigmoidTail, softmaxTail } from "./onnx-model.cases.ts";
import { type OnnxTeacherOptions, onnxTeacher } from "./onnx-teacher.ts";
import { sigmoidLogits } from "./output-values.ts";
import { batchOf, insectData } from "./teacher.cases.ts";
import type { Teacher } from "./teacher.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const dataset = insectData(20);

const load = (options: Partial<OnnxTeacherOptions>): Promise<Teacher> =>
  onnxTeacher(runtime, { model: linearModel(), file: "teacher.onnx", dataset, ...options });

async function ask(options: Partial<OnnxTeacherOptions>, count = 5): Promise<number[]> {
  const teacher = await load(options);
  const logits = await teacher.logits(await batchOf(options.dataset ?? dataset, count));
  await teacher.close();
  return [...logits];
}

/** x · W in float64 for the first samples, x = stored · scale. */
async function expectedLogits(
  width: number,
  count = 5,
  scale = 1 / 255,
  gain = 1,
): Promise<number[]> {
  const { samples } = await batchOf(dataset, count);
  const W = linearWeights(width, gain);
  return Array.from({ length: count * width }, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    let sum = 0;
    for (let k = 0; k < 16; k++)
      sum += samples.data[row * 16 + k]! * scale * W[k * width + column]!;
    return sum;
  });
}

function expectClose(actual: readonly number[], expected: readonly number[], atol: number): void {
  expect(actual.length).toBe(expected.length);
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  expect(worst).toBeLessThan(atol);
}

async function refusal(options: Partial<OnnxTeacherOptions>): Promise<string> {
  try {
    await load(options);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code} | ${message}`;
  }
  return "no error";
}

// float32 sums of 16 products of size 1 to 4
const atol = 1e-5;

describe("a file made by another tool", () => {
  const golden = JSON.parse(readFileSync("test/golden/foreign-teacher.json", "utf8")) as {
    samples: number[][];
    logits: number[][];
  };
  const model = new Uint8Array(readFileSync("test/golden/foreign-teacher.onnx"));
  const images = arrayDataset({
    name: "images",
    dtype: "uint8",
    shape: [1, 4, 4],
    data: Uint8Array.from(golden.samples.flat()),
    labels: golden.samples.map(() => -1),
    classNames: ["a", "b", "c"],
  });

  test("gives the logits before its Softmax", async () => {
    const teacher = await load({ model, dataset: images });
    const logits = await teacher.logits(await batchOf(images, 7));
    expectClose([...logits], golden.logits.flat(), atol * 10); // logits up to 12
    expect(teacher.members[0]?.kind).toBe("logits");
    expect(teacher.parameters).toBe(4 * 9 + 4 + 3 * 16 + 3);
    expect(teacher.bytes).toBe(model.length);
    await teacher.close();
  });

  test("declared as probabilities it gives the same", async () => {
    const declared = await ask({ model, dataset: images, kind: "probabilities" }, 7);
    expect(declared).toEqual(await ask({ model, dataset: images }, 7));
  });
});

describe("what is read", () => {
  test("logits as they are, for any number of samples, the same bytes", async () => {
    const five = await ask({});
    expectClose(five, await expectedLogits(3), atol);
    expect((await ask({}, 20)).slice(0, 15)).toEqual(five);
    expect((await ask({ batchSize: 3 }, 20)).length).toBe(60);
    expect(await ask({ kind: "logits" })).toEqual(five);
  });

  test.each([
    ["Softmax", softmaxTail, undefined],
    ["Softmax", softmaxTail, "probabilities" as const],
    [
      "Identity(LogSoftmax)",
      [node("LogSoftmax", ["z"], "l"), node("Identity", ["l"], "p")],
      undefined,
    ],
  ])("the tensor before a final %s, exactly", async (_, tail, kind) => {
    const model = linearModel({ tail, outputs: ["p"] });
    expect(await ask({ model, ...(kind && { kind }) })).toEqual(await ask({}));
  });

  test("log p of probabilities whose Softmax is not the last node", async () => {
    const tail = [...softmaxTail, node("Mul", ["p", "one"], "q")];
    const one = {
      name: "one",
      value: { dtype: "float32", shape: [], data: Float32Array.of(1) },
    } as const;
    const model = linearModel({ tail, outputs: ["q"], moreConstants: [one] });
    const teacher = await load({ model, kind: "probabilities" });
    expect(teacher.members[0]?.kind).toBe("log-probabilities");
    const logP = [...(await teacher.logits(await batchOf(dataset, 5)))];
    const z = await expectedLogits(3);
    const exact = z.map((value, i) => {
      const row = z.slice(i - (i % 3), i - (i % 3) + 3);
      return value - Math.log(row.reduce((sum, other) => sum + Math.exp(other), 0));
    });
    expectClose(logP, exact, atol * 2);
    await teacher.close();
  });

  test("a probability of 0 is taken for 2^-149", async () => {
    const tail = [node("Softmax", ["z"], "s", { axis: 1n }), node("Mul", ["s", "one"], "p")];
    const one = {
      name: "one",
      value: { dtype: "float32", shape: [], data: Float32Array.of(1) },
    } as const;
    const model = linearModel({ tail, outputs: ["p"], moreConstants: [one], gain: 200 });
    const logP = await ask({ model, kind: "probabilities" });
    expect(Math.min(...logP)).toBeCloseTo(-149 * Math.LN2, 4);
  });

  test("independent logits before a final Sigmoid", async () => {
    const model = linearModel({ tail: sigmoidTail, outputs: ["p"] });
    const teacher = await load({ model });
    expect(teacher.members[0]?.kind).toBe("sigmoid");
    expect([...(await teacher.logits(await batchOf(dataset, 5)))]).toEqual(await ask({}));
    expect((await load({ model, kind: "sigmoid" })).hash).toBe(teacher.hash);
  });

  test("log p - log(1 - p) of sigmoid probabilities made otherwise", async () => {
    const tail = [node("Sigmoid", ["z"], "s"), node("Neg", ["s"], "n"), node("Neg", ["n"], "p")];
    const model = linearModel({ tail, outputs: ["p"] });
    const logits = await ask({ model, kind: "sigmoid" });
    expectClose(logits, await expectedLogits(3), 1e-4); // 1 - p has few digits left where p is near 1
  });

  test("one number for two classes becomes [0, z], raw or after a Sigmoid", async () => {
    const two = arrayDataset({
      name: "two",
      dtype: "uint8",
      shape: [1, 4, 4],
      data: (await batchOf(dataset, 5)).samples.data as Uint8Array,
      labels: [0, 1, 0, 1, 0],
      classNames: ["no", "yes"],
    });
    const z = await expectedLogits(1);
    const expected = z.flatMap((value) => [0, value]);
    const raw = await ask({ model: linearModel({ width: 1 }), dataset: two });
    expectClose(raw, expected, atol);
    const model = linearModel({ width: 1, tail: sigmoidTail, outputs: ["p"] });
    expect(await ask({ model, dataset: two })).toEqual(raw);
    expect((await load({ model, dataset: two })).members[0]?.kind).toBe("logits");
  });

  test("an inner tensor, by name", async () => {
    const model = linearModel({ tail: [node("Relu", ["z"], "r")], outputs: ["r"] });
    expect(await ask({ model, output: "z" })).toEqual(await ask({}));
  });

  test("the one float output beside a class index", async () => {
    const tail = [node("ArgMax", ["z"], "label", { axis: 1n, keepdims: 0n })];
    const label = { name: "label", dtype: "int64", shape: ["N"] } as const;
    const whole = { name: "whole", dtype: "int64", shape: ["N", 3] } as const;
    tail.push(node("Cast", ["z"], "whole", { to: 7n }));
    const model = linearModel({ tail, outputs: [label, whole, "z"] });
    expect(await ask({ model })).toEqual(await ask({}));
  });

  test("float16 outputs", async () => {
    const tail = [node("Cast", ["z"], "h", { to: 10n })];
    const model = linearModel({
      tail,
      outputs: [{ name: "h", dtype: "float16", shape: ["N", 3] }],
    });
    const rounded = (await ask({})).map((v) => float32FromFloat16(float16FromFloat32(v)));
    expect(await ask({ model })).toEqual(rounded);
  });
});

describe("how it is fed", () => {
  test("the teacher's own preprocessing", async () => {
    const preprocessing = { scale: 2 / 255, offset: 0 };
    expectClose(await ask({ preprocessing }), await expectedLogits(3, 5, 2 / 255), atol * 2);
    expect((await load({ preprocessing })).hash).not.toBe((await load({})).hash);
  });

  test.each([
    ["flattened", ["N", 16]],
    ["without a channel axis", ["N", 4, 4]],
    ["one channel last", ["N", 4, 4, 1]],
    ["free sizes", ["N", "c", "h", "w"]],
    ["one at a time", [1, 1, 4, 4]],
    ["seven at a time", [7, 1, 4, 4]],
  ] as const)("%s", async (_, input) => {
    const logits = await ask({ model: linearModel({ input }) }, 9);
    expectClose(logits, await expectedLogits(3, 9), atol);
  });

  test("uint8 and float64 and float16 inputs", async () => {
    const stored = await ask({ model: linearModel({ inputDType: "uint8", gain: 1 / 255 }) });
    expectClose(stored, await expectedLogits(3, 5, 1, 1 / 255), atol);
    const double = await ask({ model: linearModel({ inputDType: "float64" }) });
    expectClose(double, await expectedLogits(3), atol);
    const half = await ask({ model: linearModel({ inputDType: "float16" }) });
    expectClose(half, await expectedLogits(3), 16 * 4 * 2 ** -12); // 16 inputs rounded to 2^-12
  });

  test("channels last, when asked to", async () => {
    // samples [4, 2, 2]; as [2, 2, 4] element (y, x, c) stands at c·4 + y·2 + x
    const { samples } = await batchOf(dataset, 5);
    const form = { name: "deep", dtype: "uint8", labels: [0, 1, 2, 0, 1] } as const;
    const classNames = dataset.classNames;
    const data = samples.data as Uint8Array;
    const deep = arrayDataset({ ...form, shape: [4, 2, 2], data, classNames });
    const moved = Uint8Array.from(data, (_, at) => {
      const [sample, to] = [Math.floor(at / 16), at % 16];
      return data[sample * 16 + (to % 4) * 4 + Math.floor(to / 4)]!;
    });
    const last = arrayDataset({ ...form, shape: [2, 2, 4], data: moved, classNames });
    const model = linearModel({ input: ["N", 2, 2, 4] });
    expect(await ask({ model, dataset: deep, layout: "nhwc" })).toEqual(
      await ask({ model, dataset: last }),
    );
    expect(await refusal({ model, dataset: deep })).toMatch(
      /^teacher\/input-shape .*got \[N, 2, 2, 4\]\. The model has channels last: add `layout: nhwc`/,
    );
  });
});

describe("what is refused", () => {
  test("probabilities that nobody declared, with the line to add", async () => {
    const tail = [node("Softmax", ["z"], "s"), node("Neg", ["s"], "n"), node("Neg", ["n"], "p")];
    expect(await refusal({ model: linearModel({ tail, outputs: ["p"] }) })).toMatch(
      /^teacher\/undeclared-probabilities .*Write "teacher: \{model: teacher\.onnx, output: p, kind: probabilities\}"/,
    );
    const sigmoid = [node("Sigmoid", ["z"], "s"), node("Neg", ["s"], "n"), node("Neg", ["n"], "p")];
    expect(await refusal({ model: linearModel({ tail: sigmoid, outputs: ["p"] }) })).toMatch(
      /^teacher\/undeclared-probabilities .*output: p, kind: sigmoid\}"/,
    );
  });

  test("maps of classes beside the tensor that is named", async () => {
    const model = withZipMap(linearModel({ tail: softmaxTail, outputs: ["p"] }), "p");
    for (const output of [undefined, "p", "maps"])
      expect(await refusal({ model, ...(output && { output }) })).toMatch(
        /^file\/unsupported-dtype .*output "maps" must be a tensor, .* got a list of maps, which a ZipMap node makes\. Export the model without ZipMap \(skl2onnx: options=\{"zipmap": False\}\)/,
      );
  });

  test("several outputs that could be meant", async () => {
    const model = linearModel({ tail: [node("Relu", ["z"], "r")], outputs: ["z", "r"] });
    expect(await refusal({ model })).toMatch(
      /^teacher\/ambiguous-output .*"teacher: \{model: teacher\.onnx, output: z, kind: logits\}" or "teacher: .*output: r/,
    );
    expect(await ask({ model, output: "z" })).toEqual(await ask({}));
  });

  test.each([
    ["logits", softmaxTail],
    ["sigmoid", softmaxTail],
    ["logits", [node("Softmax", ["z"], "s"), node("Neg", ["s"], "n"), node("Neg", ["n"], "p")]],
    ["probabilities", [node("Relu", ["z"], "p")]],
    ["probabilities", sigmoidTail],
    ["sigmoid", [node("Relu", ["z"], "p")]],
  ] as const)("kind %s that the numbers contradict", async (kind, tail) => {
    const model = linearModel({ tail, outputs: ["p"] });
    expect(await refusal({ model, kind })).toMatch(/^teacher\/kind-contradicted/);
  });

  test("another number of classes", async () => {
    expect(await refusal({ model: linearModel({ width: 4 }) })).toMatch(
      /^teacher\/class-mismatch .*the data has 3 classes.*got "z" float32 \[N, 4\]/,
    );
    const free = { name: "z", dtype: "float32", shape: undefined } as const;
    expect(await refusal({ model: linearModel({ width: 4, outputs: [free] }) })).toMatch(
      /^teacher\/class-mismatch .*got \[32, 4\]/,
    );
  });

  test("other classes than the file names", async () => {
    const metadata = { classNames: JSON.stringify(dataset.classNames.toReversed()) };
    expect(await refusal({ model: linearModel({ metadata }) })).toMatch(/^teacher\/class-mismatch/);
  });

  test("inputs that are not the samples", async () => {
    const state = { name: "state", dtype: "float32", shape: ["N", 8] } as const;
    expect(await refusal({ model: linearModel({ moreInputs: [state] }) })).toMatch(
      /^teacher\/inputs .*got "x", "state"/,
    );
    expect(await refusal({ model: linearModel({ input: ["N", 1, 5, 5] }) })).toMatch(
      /^teacher\/input-shape .*samples of shape \[1, 4, 4\]/,
    );
    expect(await refusal({ model: linearModel({ inputDType: "int64" }) })).toMatch(
      /^teacher\/input-dtype/,
    );
    expect(await refusal({ input: "y" })).toMatch(/^config\/unknown-name/);
    expect(await refusal({ output: "zz" })).toMatch(/^config\/unknown-name .*Did you mean "z"/);
  });

  test("numbers that are not finite, from wrong preprocessing", async () => {
    const preprocessing = { scale: 1e38, offset: 0 };
    expect(await refusal({ preprocessing })).toMatch(/^teacher\/answer .*preprocessing/);
  });

  test("a model in training mode", async () => {
    const on = { name: "on", value: { dtype: "bool", shape: [], data: Uint8Array.of(1) } } as const;
    const ratio = {
      name: "ratio",
      value: { dtype: "float32", shape: [], data: Float32Array.of(0.5) },
    } as const;
    const tail = [node("Dropout", ["z", "ratio", "on"], "d")];
    const model = linearModel({ tail, outputs: ["d"], moreConstants: [on, ratio] });
    expect(await refusal({ model })).toMatch(/^teacher\/training-mode .*got Dropout/);
  });

  test("a model that takes its statistics from the batch", async () => {
    const names = ["gain", "bias", "mean", "variance"];
    const value = { dtype: "float32", shape: [3], data: Float32Array.of(1, 1, 1) } as const;
    const tail = [node("BatchNormalization", ["z", ...names], "n", { training_mode: 1n })];
    const moreConstants = names.map((name) => ({ name, value }));
    const model = linearModel({ tail, outputs: ["n"], moreConstants });
    expect(await refusal({ model })).toMatch(/^teacher\/training-mode .*got BatchNormalization/);
    const inference = [node("BatchNormalization", ["z", ...names], "n")];
    await load({ model: linearModel({ tail: inference, outputs: ["n"], moreConstants }) });
  });

  test("a Softmax over the samples of a batch, whatever kind is said", async () => {
    for (const [type, axis, kind] of [
      ["Softmax", 0n, undefined],
      ["Softmax", -2n, "logits"],
      ["LogSoftmax", 0n, "probabilities"],
    ] as const) {
      const tail = [node(type, ["z"], "s", { axis }), node("Identity", ["s"], "p")];
      const model = linearModel({ tail, outputs: ["p"] });
      expect(await refusal({ model, ...(kind && { kind }) })).toMatch(
        /^teacher\/batch-dependent .*node that makes "s": .* got axis (0|-2), over the samples of a/,
      );
    }
  });

  test("a batch of 0 samples, or another size that no sample has", async () => {
    expect(await refusal({ model: linearModel({ input: [0, 1, 4, 4] }) })).toMatch(
      /^teacher\/input-shape .*got \[0, 1, 4, 4\], a batch of 0 samples\. Export the model with a free/,
    );
    expect(await refusal({ model: linearModel({ input: ["N", 1, 0, 4] }) })).toMatch(
      /^teacher\/input-shape .*got \[N, 1, 0, 4\], axis 2 of size 0/,
    );
  });

  test("an operator that the runtime has for float32 and not for float64", async () => {
    const value = tensor("float64", [3, 1, 4, 4], new Float64Array(48).fill(0.5));
    const tail = [node("Conv", ["x", "K"], "y"), node("Flatten", ["y"], "scores")];
    const model = linearModel({
      inputDType: "float64",
      tail,
      outputs: [{ name: "scores", dtype: "float64", shape: ["N", 3] }],
      moreConstants: [{ name: "K", value }],
    });
    expect(await refusal({ model })).toMatch(
      /^teacher\/unsupported-operator .*node that makes "y": .* got Conv in a file with float64 numbers\. Export the model in float32/,
    );
  });

  test("a file that draws random numbers", async () => {
    const tail = [node("RandomNormalLike", ["z"], "noise"), node("Add", ["z", "noise"], "noisy")];
    const teacher = await load({ model: linearModel({ tail, outputs: ["noisy"] }) });
    await expect(repeatedLogits(teacher, await batchOf(dataset, 5))).rejects.toMatchObject({
      code: "teacher/not-deterministic",
    });
    const still = await load({});
    await repeatedLogits(still, await batchOf(dataset, 5));
  });

  test("a file that takes the mean of the batch, unless it is asked about one sample at a time", async () => {
    const axes = { name: "axes", value: tensor("int64", [1], BigInt64Array.of(0n)) };
    const tail = [node("ReduceMean", ["z", "axes"], "mean"), node("Sub", ["z", "mean"], "centred")];
    const model = linearModel({ tail, outputs: ["centred"], moreConstants: [axes] });
    const batch = await batchOf(dataset, 5);
    await expect(
      repeatedLogits(await load({ model, kind: "logits" }), batch),
    ).rejects.toMatchObject({
      code: "teacher/batch-dependent",
    });
    await repeatedLogits(await load({ model, kind: "logits", batchSize: 1 }), batch);
  });

  test("sigmoids near 1 may differ by a float32 step, which is much of their logit", async () => {
    const workload = { batchSize: 5, concurrency: 1, samplesPerShard: 5, isRepeatable: true };
    const still = await load({});
    const saturated = (whole: number, part: number): Teacher => ({
      ...still,
      workload,
      logits: async ({ keys }) =>
        sigmoidLogits(new Float32Array(keys.length * 3).fill(keys.length === 5 ? whole : part)),
    });
    const batch = await batchOf(dataset, 5);
    for (const p of [0.9999, 1 - 2 ** -20, 1 - 2 ** -24])
      await repeatedLogits(saturated(p, p - 2 ** -24), batch);
    for (const [p, q] of [
      [1 - 2 ** -20, 1 - 2 ** -19],
      [0.5, 0.5001],
    ] as const)
      await expect(repeatedLogits(saturated(p, q), batch)).rejects.toMatchObject({
        code: "teacher/batch-dependent",
      });
  });

  test("a file that is no model, or cut short", async () => {
    expect(await refusal({ model: Uint8Array.of(1, 2, 3) })).toMatch(/^file\/magic/);
    expect(await refusal({ model: linearModel().slice(0, 100) })).toMatch(/^file\/magic/);
  });

  test("samples of another form than it was loaded for", async () => {
    const teacher = await load({});
    const batch = await batchOf(dataset, 2);
    const samples = { ...batch.samples, shape: [2, 16] };
    await expect(teacher.logits({ ...batch, samples })).rejects.toMatchObject({
      code: "teacher/input-shape",
    });
  });
});

test("the member's hash is the file's, the teacher's covers how it is asked, and both notice a change", async () => {
  const model = linearModel();
  const teacher = await load({ model });
  const { createHash } = await import("node:crypto");
  expect(teacher.members[0]?.hash).toBe(createHash("sha256").update(model).digest("hex"));
  expect(teacher.currentHash()).toBe(teacher.hash);
  model[200]! ^= 1;
  expect(teacher.currentHash()).not.toBe(teacher.hash);
});

test("one sample is timed where the model takes one, and an ensemble's members in turn", async () => {
  const alone = await load({});
  const times = await alone.time!(12);
  expect(times.length).toBe(12);
  expect(times.every((ms) => ms > 0)).toBe(true);
  expect((await load({ model: linearModel({ input: [4, 1, 4, 4] }) })).time).toBeUndefined();
  const together = await ensembleTeacher([alone, await load({})]).time!(12);
  expect(together.length).toBe(12);
  const fixed = await load({ model: linearModel({ input: [4, 1, 4, 4] }) });
  expect(ensembleTeacher([alone, fixed]).time).toBeUndefined();
});
