import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dataset, memoryStore, UNLABELLED } from "../../data/index.ts";
import { initialParameters } from "../../engine/nn/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { randomStream, type Tensor } from "../../engine/tensor/index.ts";
import { runJob } from "../job.ts";
import { logSoftmaxRow } from "../metrics/index.ts";
import { classNames, data, failure, finish, randomModel, refusal } from "../small-problem.cases.ts";
import { ensembleTeacher, functionTeacher, type Teacher } from "../teachers/index.ts";
import { networkTeacher } from "../teachers/network-teacher.ts";
import { type Model, networkOf } from "../training/model-file.ts";
import { generateAllSamples, generateSamples } from "./generate-samples.ts";
import type { GeneratedSpec, SampleLike } from "./generated-spec.ts";
import { classConcentrations, drawLogDirichlet } from "./soft-targets.ts";

let runtime: Runtime;
let model: Model;
let teacher: Teacher;
const asked = functionTeacher({
  name: "asked",
  hash: "1",
  classCount: 3,
  ask: () => Promise.reject(new Error("asked before there are samples")),
});
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  const job = { id: "teacher", network: { family: "mlp", hidden: [24] }, seed: 3 } as const;
  const training = { epochs: 25, batchSize: 16, learningRate: 0.01 };
  ({ model } = (await finish(runJob({ ...job, ...data, training }, { runtime }))).value);
  teacher = await networkTeacher(runtime, model);
});
afterAll(async () => {
  await teacher.close();
  await runtime.close();
});

const spec = {
  kind: "impressions",
  samples: 50,
  batchSize: 20,
  steps: 90,
  temperature: 1,
  learningRate: 0.05,
  seed: 4,
} as const;
const noise = { kind: "noise", samples: 50 } as const;

async function valuesOf(dataset: Dataset): Promise<readonly number[]> {
  const values = new Uint8Array(dataset.length * 36);
  await dataset.gather(Int32Array.from(dataset.labels.keys()), values);
  return [...values];
}

/** mean KL(drawn target ‖ the teacher's answer at τ = 1), of the samples as they are stored */
async function divergence(dataset: Dataset): Promise<number> {
  const samples = Uint8Array.from(await valuesOf(dataset));
  const keys = Array.from(dataset.labels, (_, at) => dataset.key(at));
  const shape = [dataset.length, 1, 6, 6];
  const logits = await teacher.logits({
    samples: { dtype: "uint8", shape, data: samples },
    keys,
    view: 0,
  });
  const kernel = model.weights.get("output/kernel")!.data as Float32Array;
  const concentrations = classConcentrations(kernel, 3);
  let sum = 0;
  for (let at = 0; at < dataset.length; at++) {
    const scale = Math.floor(at / 3) % 2 === 0 ? 1 : 0.1;
    const stream = randomStream(4, "impression target", at);
    const target = drawLogDirichlet(
      concentrations[at % 3]!.map((each) => each * scale),
      stream,
    );
    const answer = logSoftmaxRow(logits, at, 3);
    for (const [label, log] of target.entries())
      sum += (Math.exp(log) * (log - answer[label]!)) / dataset.length;
  }
  return sum;
}

test("the teacher answers impressions with their drawn targets, as stored, and says so", async () => {
  const { events, value } = await finish(generateSamples({ teacher, spec, runtime }));
  expect(value).toMatchObject({ length: 50, dtype: "uint8", shape: [1, 6, 6], classNames });
  expect(value.preprocessing).toEqual(data.train.preprocessing);
  expect([...value.labels].every((label) => label === UNLABELLED)).toBe(true);
  expect(events.map(({ done, total }) => [done, total])).toEqual(
    [0, 20, 40, 50].map((done) => [done, 50]),
  );
  expect(events[0]!.descent).toBeNull();
  for (const { descent } of events.slice(1))
    expect(descent!.last).toBeLessThan(0.2 * descent!.first);
  const start = await generateAllSamples({ teacher, spec: { ...noise, seed: 4 }, runtime });
  const [before, after] = [await divergence(start), await divergence(value)];
  expect(after).toBeLessThan(0.25 * before); // rounding to bytes takes little of it back
});

test("the same bytes from the same seed, in one go or with interruptions, and others from another", async () => {
  const make = (more: object): Promise<Dataset> =>
    generateAllSamples({ teacher, runtime, spec: { ...spec, ...more } });
  const whole = await valuesOf(await make({}));
  expect(await valuesOf(await make({ seed: 5 }))).not.toEqual(whole);
  const store = memoryStore();
  const written: string[] = [];
  const watched = {
    ...store,
    write: async (name: string, bytes: Uint8Array): Promise<void> => {
      written.push(name);
      await store.write(name, bytes);
    },
  };
  const stop = new AbortController();
  const stopped = generateSamples({ teacher, runtime, spec, store: watched, signal: stop.signal });
  await stopped.next();
  expect((await stopped.next()).value).toMatchObject({ type: "generate", done: 20 });
  stop.abort();
  expect(await refusal(stopped.next())).toMatchInlineSnapshot(
    `"run/aborted: generated samples: the work was stopped. Run it again with the same settings; it resumes where it stopped."`,
  );
  const { events, value } = await finish(
    generateSamples({ teacher, runtime, spec, store: watched }),
  );
  expect(await valuesOf(value)).toEqual(whole);
  expect(written).toEqual(["00000.safetensors", "00001.safetensors", "00002.safetensors"]);
  expect(events.map(({ done, descent }) => [done, descent === null])).toEqual([
    [0, true],
    [20, true], // was there
    [40, false],
    [50, false],
  ]);
  const still = { ...runtime, load: () => Promise.reject(new Error("nothing is left to compute")) };
  const again = await generateAllSamples({ teacher, runtime: still, spec, store });
  expect(again.hash()).toBe(value.hash());
  const other = generateAllSamples({ teacher, runtime, spec: { ...spec, seed: 5 }, store });
  expect(await refusal(other)).toMatchInlineSnapshot(
    `"run/other-settings: memory/00000.safetensors: samples are made on only with the teacher and settings that they were begun with, got samples of another teacher or other settings. Give the same teacher and settings again, or another folder."`,
  );
});

test("a signal ends the work within a batch", async () => {
  const stop = new AbortController();
  const stopping = {
    ...runtime,
    load: async (...given: Parameters<Runtime["load"]>) => {
      const session = await runtime.load(...given);
      const run: typeof session.run = (...asked) => {
        stop.abort(); // in the first of the five calls of a batch
        return session.run(...asked);
      };
      return { ...session, run };
    },
  };
  const store = memoryStore();
  const work = generateAllSamples({ teacher, runtime: stopping, spec, store, signal: stop.signal });
  expect((await failure(work)).code).toBe("run/aborted");
  expect(await store.list()).toEqual([]);
});

test("members of an ensemble make a part each, one network open at a time", async () => {
  const other = await networkTeacher(runtime, randomModel([12], 8, 2));
  const both = ensembleTeacher([teacher, other]);
  let open = 0;
  const loads: number[] = [];
  const counting = {
    ...runtime,
    load: async (...given: Parameters<Runtime["load"]>) => {
      const session = await runtime.load(...given);
      open += 1;
      loads.push(open);
      const dispose = (): Promise<void> => {
        open -= 1;
        return session.dispose();
      };
      return { ...session, dispose };
    },
  };
  const made = await generateAllSamples({ teacher: both, runtime: counting, spec });
  expect([loads, open]).toEqual([[1, 1], 0]);
  const own = await valuesOf(await generateAllSamples({ teacher, runtime, spec }));
  const others = await valuesOf(await generateAllSamples({ teacher: other, runtime, spec }));
  const cut = 2 * 20 * 36; // of three batches the first two are the first member's
  expect(await valuesOf(made)).toEqual([...own.slice(0, cut), ...others.slice(cut)]);
  const values = async (given: Teacher, more: object): Promise<readonly number[]> =>
    valuesOf(await generateAllSamples({ teacher: given, runtime, spec: { ...spec, ...more } }));
  const few = { samples: 7, batchSize: 100, steps: 3 }; // one batch would be the first member's alone
  const [first, second] = [await values(teacher, few), await values(other, few)];
  const part = 3 * 36; // batches of three; of three the first two are the first member's
  const shared = await values(both, few);
  expect(shared).toEqual([...first.slice(0, 2 * part), ...second.slice(2 * part)]);
  expect(await values(ensembleTeacher([teacher, other], { weights: [0, 1] }), few)).toEqual(second);
  expect(await refusal(values(both, { samples: 1 }))).toMatchInlineSnapshot(
    `"config/range: generated samples: each of the teacher's 2 networks makes a part of the samples, got samples: 1. Ask for more samples, or give one of the networks as the teacher."`,
  );
  await other.close();
});

test("a recurrent teacher gives impressions in batches of any size", async () => {
  const about = {
    spec: { family: "gru", units: [6] },
    sample: { dtype: "float32", shape: [4, 3] },
    preprocessing: { scale: 1, offset: 0 },
    classNames,
  } as const;
  const weights = initialParameters(networkOf(about).parameters, 5);
  const recurrent = await networkTeacher(runtime, { ...about, weights });
  const asked = { ...spec, samples: 9, range: [-2, 2] } as const;
  const { events } = await finish(generateSamples({ teacher: recurrent, spec: asked, runtime }));
  const { first, last } = events.at(-1)!.descent!;
  expect(last).toBeLessThan(0.9 * first);
  await recurrent.close();
});

test("equal samples are counted, in the last event alone", async () => {
  const like = { ...data.train, shape: [1] };
  const coin = { kind: "noise", samples: 150, range: [0, 1] } as const;
  const { events } = await finish(generateSamples({ teacher, spec: coin, like, runtime }));
  expect(events.map(({ done, distinct }) => [done, distinct])).toEqual([
    [0, null],
    [100, null],
    [150, 2], // 0 and 1
  ]);
});

test("threads are no part of what noise depends on", async () => {
  const store = memoryStore();
  const made = (threads: number): Promise<Dataset> =>
    generateAllSamples({ teacher, spec: noise, runtime, store, threads });
  expect((await made(2)).hash()).toBe((await made(1)).hash());
});

test("noise is in the range, needs no gradient, and keeps its spread when it is smoothed", async () => {
  const like: SampleLike = { ...data.train, dtype: "float32", shape: [2, 24, 24] };
  const values = async (more: object): Promise<Float32Array> => {
    const noisy = { kind: "noise", samples: 40, range: [-1, 3], ...more } as const;
    const made = await generateAllSamples({ teacher: asked, spec: noisy, like, runtime });
    const into = new Float32Array(made.length * 1152);
    await made.gather(Int32Array.from(made.labels.keys()), into);
    return into;
  };
  const measure = (of: Float32Array) => {
    const mean = of.reduce((sum, value) => sum + value, 0) / of.length;
    const spread = Math.sqrt(of.reduce((sum, value) => sum + (value - mean) ** 2, 0) / of.length);
    const pairs = of.reduce(
      (sum, value, at) => sum + (at % 24 === 23 ? 0 : (value - mean) * (of[at + 1]! - mean)),
      0,
    );
    const neighbours = pairs / ((of.length * 23) / 24) / spread ** 2;
    return { mean, spread, neighbours, low: Math.min(...of), high: Math.max(...of) };
  };
  const uniform = measure(await values({}));
  expect(uniform.mean).toBeCloseTo(1, 1); // 46,080 values: 0.005 is a standard error
  expect(uniform.spread).toBeCloseTo(4 / Math.sqrt(12), 1);
  expect(uniform.neighbours).toBeCloseTo(0, 1);
  expect([uniform.low, uniform.high].map((edge) => Math.round(10 * edge) / 10)).toEqual([-1, 3]);
  const smooth = measure(await values({ distribution: "normal", blur: 1.5 }));
  expect(smooth.spread).toBeGreaterThan(0.85); // a quarter of the range is 1, cut at two of it
  expect(smooth.spread).toBeLessThan(1.05);
  expect(smooth.neighbours).toBeGreaterThan(0.8); // exp(-1 / (4 · 1.5²)) = 0.89, less at the borders' cut
  expect([smooth.low, smooth.high]).toEqual([-1, 3]);
});

test("uint8 values are rounded to the nearest: of 0 … 1 half are 1", async () => {
  const bits = { ...noise, range: [0, 1] } as const;
  const values = await valuesOf(await generateAllSamples({ teacher, spec: bits, runtime }));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean).toBeCloseTo(0.5, 1); // 1,800 values: 0.012 is a standard error
});

test("what cannot be made is refused before work, by code and words", async () => {
  const refused = (own: Teacher, given: GeneratedSpec, like: Partial<Dataset> = {}) => {
    const options = { teacher: own, spec: given, runtime, like: { ...data.train, ...like } };
    return refusal(generateAllSamples(options));
  };
  const bare = generateAllSamples({ teacher: asked, spec: noise, runtime });
  expect(await refusal(bare)).toMatchInlineSnapshot(
    `"config/missing: generated samples for teacher "asked": it must be said what samples are like: this teacher does not say, got no like. Give like: { dtype, shape, preprocessing, classNames }, or any data set, which is not read."`,
  );
  expect(await refused(asked, spec)).toMatchInlineSnapshot(
    `"teacher/no-gradient: impressions of teacher "asked": impressions are made with the teacher's gradients, which networks of Potstill's own have, and ensembles of them, got a teacher that gives answers alone. Take kind: noise, or give samples that nobody has labelled (data.transfer)."`,
  );
  expect(await refused(teacher, noise, { dtype: "int32" })).toMatchInlineSnapshot(
    `"config/conflict: generated samples: samples that are token ids cannot be made by gradients, nor is noise of them like text, got token ids. Give texts that nobody has labelled: data.transfer."`,
  );
  expect(await refused(teacher, noise, { dtype: "float32" })).toMatchInlineSnapshot(
    `"config/missing: generated samples: of float32 data the range must be given: nothing else says what values they have, got no range. Write for example range: [-2, 2], for standardised features."`,
  );
  expect(await refused(teacher, { ...noise, blur: 1 }, { shape: [36] })).toMatchInlineSnapshot(
    `"config/conflict: generated samples: only images can be smoothed: [channels, height, width], got samples of shape [36]. Leave blur out."`,
  );
  expect(await refused(teacher, { ...noise, range: [0.5, 9] })).toMatchInlineSnapshot(
    `"config/range: generated samples: the range's start must be an integer, at least 0, got 0.5. Correct the range's start."`,
  );
  expect(await refused(teacher, { ...noise, range: [9, 9] })).toMatchInlineSnapshot(
    `"config/range: generated samples: the range's end must be an integer, above 9 and at most 255, got 9. Correct the range's end."`,
  );
  expect(await refused(teacher, { ...spec, scales: [] })).toMatchInlineSnapshot(
    `"config/range: generated samples: scales must be one or more, got none. Write for example scales: [1, 0.1]."`,
  );
  expect(await refused(teacher, { ...spec, temperature: 0 })).toMatchInlineSnapshot(
    `"config/range: generated samples: temperature must be a finite number, above 0, got 0. Correct temperature."`,
  );
  // as: callers without types
  const misspelt = { ...spec, stepps: 3 } as GeneratedSpec;
  expect(await refused(teacher, misspelt)).toMatchInlineSnapshot(
    `"config/unknown-name: generated samples: unknown option "stepps". Did you mean "steps"? Valid: kind, samples, seed, range, distribution, blur, scales, temperature, steps, learningRate, statisticsWeight, batchSize."`,
  );
  const dream = { kind: "dreams", samples: 3 } as unknown as GeneratedSpec;
  expect(await refused(teacher, dream)).toMatchInlineSnapshot(
    `"config/unknown-name: generated samples: unknown kind "dreams". Valid: impressions, noise."`,
  );
  const bad = (more: object): Promise<string> =>
    refused(teacher, { ...spec, ...more } as GeneratedSpec);
  expect(await refused(teacher, undefined as unknown as GeneratedSpec)).toMatchInlineSnapshot(
    `"config/type: generated samples: it must be said what samples are to be made, got undefined. Write for example { kind: impressions, samples: 4000 }."`,
  );
  expect(await bad({ range: null })).toMatchInlineSnapshot(
    `"config/type: generated samples: range must be two numbers, the least and the largest stored value, got null. Write for example range: [0, 255]."`,
  );
  expect(await bad({ range: [3] })).toMatchInlineSnapshot(
    `"config/type: generated samples: range must be two numbers, the least and the largest stored value, got 1 values. Write for example range: [0, 255]."`,
  );
  expect(await bad({ range: ["a", 3] })).toMatchInlineSnapshot(
    `"config/range: generated samples: the range's start must be an integer, at least 0, got "a". Correct the range's start."`,
  );
  expect(await bad({ scales: 1 })).toMatchInlineSnapshot(
    `"config/range: generated samples: scales must be one or more, got 1. Write for example scales: [1, 0.1]."`,
  );
  expect(await bad({ scales: [1e-38] })).toMatchInlineSnapshot(
    `"config/range: generated samples: scale must be a finite number, at least 0.000001 and at most 1000000, got 1e-38. Correct scale."`,
  );
  expect(await bad({ blur: 1e-200 })).toMatchInlineSnapshot(
    `"config/range: generated samples: blur must be a finite number, at least 0.01, got 1e-200. Correct blur."`,
  );
  expect(await bad({ samples: 1e9 })).toMatchInlineSnapshot(
    `"config/range: generated samples: samples must be an integer, at least 1 and at most 10000000, got 1000000000. Correct samples."`,
  );
  const huge = { shape: [1, 6000, 6000] };
  expect(await refused(teacher, { ...noise, samples: 120 }, huge)).toMatchInlineSnapshot(
    `"config/range: generated samples: samples must be an integer, at least 1 and at most 119, got 120. Correct samples."`,
  );
  expect(await refused(teacher, { ...spec, batchSize: 90 }, huge)).toMatchInlineSnapshot(
    `"config/range: generated samples: batchSize must be an integer, at least 1 and at most 14, got 90. Correct batchSize."`,
  );
  const paired = { teacherInputs: data.train } as Partial<Dataset>;
  expect(await refused(teacher, noise, paired)).toMatchInlineSnapshot(
    `"config/conflict: transfer.generated: generated samples are what the teacher sees, and what the students see, got teacherInputs, which the teacher sees in place of the students' samples. Leave teacherInputs or transfer.generated out."`,
  );
  const told = (more: object): Promise<string> =>
    refusal(generateAllSamples({ teacher, spec: noise, runtime, ...more }));
  expect(await told({ threads: 0 })).toMatchInlineSnapshot(
    `"config/range: generated samples: threads must be an integer, at least 1, got 0. Correct threads."`,
  );
  expect(await told({ thread: 2 })).toMatchInlineSnapshot(
    `"config/unknown-name: generated samples: unknown option "thread". Did you mean "threads"? Valid: teacher, spec, runtime, like, threads, store, signal."`,
  );
  expect(await refused(teacher, spec, { shape: [6, 6, 1] })).toMatchInlineSnapshot(
    `"teacher/input-shape: mlp 36-24-3: the model takes uint8 [1, 6, 6], got uint8 [6, 6, 1] from generated samples. Use data like those that it was trained on."`,
  );
});

test("a network without a dense last layer, or of token ids, gives no impressions", async () => {
  const about = { ...randomModel([12], 1), weights: new Map<string, Tensor>() };
  const refused = (changed: Partial<Model>): Promise<string> => {
    const like = { ...data.train, ...changed.sample };
    const models = [{ ...about, ...changed }];
    return refusal(generateAllSamples({ teacher: { ...teacher, models }, spec, like, runtime }));
  };
  expect(await refused({ spec: { family: "autoencoder" } })).toMatchInlineSnapshot(
    `"config/conflict: impressions: the teacher must end in a dense layer with a column of weights for each class, got autoencoder 36-128-128-128-128-8-128-128-128-128-36, whose last kernel is output/kernel. Choose another network, or kind: noise."`,
  );
  const sample = { dtype: "uint8", shape: [36] } as const;
  const spelt = {
    family: "tinyTransformer",
    vocabulary: 256,
    width: 4,
    heads: 1,
    layers: 1,
  } as const;
  expect(await refused({ spec: spelt, sample })).toMatchInlineSnapshot(
    `"config/conflict: generated samples: samples that are token ids cannot be made by gradients, nor is noise of them like text, got token ids. Give texts that nobody has labelled: data.transfer."`,
  );
});
