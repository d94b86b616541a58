/** @file Functions as teachers: limits, repetition, checks of answers. */

import { describe, expect, test } from "vitest";
import { elementCount } from "../../engine/tensor/index.ts";
import { type FunctionTeacherOptions, functionTeacher, type Question } from "./function-teacher.ts";
import { batchOf, insectData, insects, pixelLogits } from "./teacher.cases.ts";
import type { TeacherBatch } from "./teacher.ts";

const dataset = insectData(10);

async function tenSamples(): Promise<TeacherBatch> {
  const indices = Array.from({ length: 10 }, (_, i) => i);
  return { ...(await batchOf(dataset, 10)), indices };
}

const rowsOf = ({ samples }: Pick<Question, "samples">): number[][] => {
  const size = elementCount(samples.shape.slice(1));
  return Array.from({ length: samples.shape[0]! }, (_, i) =>
    pixelLogits(samples.data.subarray(i * size, (i + 1) * size), 1),
  );
};

const make = (options: Partial<FunctionTeacherOptions>) =>
  functionTeacher({
    name: "api",
    hash: "model-7",
    classCount: 3,
    backoffMs: 1,
    ask: async (question) => ({ logits: rowsOf(question) }),
    ...options,
  });

async function answer(options: Partial<FunctionTeacherOptions>): Promise<number[]> {
  return [...(await make(options).logits(await tenSamples()))];
}

async function refusal(ask: FunctionTeacherOptions["ask"]): Promise<string> {
  try {
    await answer({ ask });
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code} | ${message}`;
  }
  return "no error";
}

describe("questions", () => {
  test("hold samples, preprocessed values, keys and numbers, in pieces of batchSize", async () => {
    const questions: Question[] = [];
    const ask = async (question: Question) => {
      questions.push(question);
      return { logits: rowsOf(question) };
    };
    const logits = await answer({ ask, batchSize: 4 });
    expect(logits).toEqual(rowsOf(await tenSamples()).flat());
    expect(questions.map(({ shape }) => shape[0])).toEqual([4, 4, 2]);
    const last = questions[2]!;
    expect(last.indices).toEqual([8, 9]);
    expect(last.keys).toEqual([dataset.key(8), dataset.key(9)]);
    expect(last.values[5]).toBe(Math.fround(last.samples.data[5]! * Math.fround(1 / 255)));
  });

  test("values are the function's own, where nothing is to be preprocessed too", async () => {
    const samples = { dtype: "float32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } as const;
    const teacher = make({
      ask: async ({ values, samples: { data } }) => {
        expect(values).toEqual(data);
        values.fill(0);
        return { logits: [[...data, 0].slice(0, 3), [0, 0, 0]] };
      },
    });
    const logits = await teacher.logits({ samples, keys: ["a", "b"], view: 0 });
    expect([...logits]).toEqual([1, 2, 3, 0, 0, 0]);
    expect([...samples.data]).toEqual([1, 2, 3, 4]);
  });

  test("at most `concurrency` are open, also over several calls", async () => {
    let open = 0;
    let most = 0;
    const ask = async (question: Question) => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open -= 1;
      return { logits: rowsOf(question) };
    };
    const teacher = make({ ask, batchSize: 2, concurrency: 3 });
    const batch = await tenSamples();
    await Promise.all([teacher.logits(batch), teacher.logits(batch)]);
    expect(most).toBe(3);
  });
});

describe("failures", () => {
  test("are repeated, and the answer is the same", async () => {
    let calls = 0;
    const ask = async (question: Question) => {
      if (++calls % 3 !== 0) throw new Error("503");
      return { logits: rowsOf(question) };
    };
    expect(await answer({ ask, batchSize: 5, concurrency: 1 })).toEqual(await answer({}));
    expect(calls).toBe(6);
  });

  test("that last end with the samples' numbers and the last cause", async () => {
    let calls = 0;
    const ask = async () => {
      throw new Error(`status 503, call ${++calls}`);
    };
    await expect(answer({ ask, retries: 2, batchSize: 10 })).rejects.toMatchObject({
      name: "RunError",
      code: "run/teacher-failed",
      message:
        'teacher "api", samples 0 to 9, view 0: the teacher function must answer in one of 3 attempts, got status 503, call 3. See that the service is there, then run again: finished shards are kept and labelling resumes.',
    });
  });

  test("a time limit of a month is no shorter than one of a second", async () => {
    const ask = async (question: Question) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return { logits: rowsOf(question) };
    };
    expect(await answer({ ask, timeoutMs: 2 ** 32, retries: 0 })).toEqual(await answer({}));
  });

  test("an attempt that hangs is given up, its signal fires", async () => {
    let calls = 0;
    let told = false;
    const ask = (question: Question) => {
      if (++calls > 1) return Promise.resolve({ logits: rowsOf(question) });
      question.signal.addEventListener("abort", () => {
        told = true;
      });
      return new Promise<never>(() => {});
    };
    expect(await answer({ ask, timeoutMs: 20 })).toEqual(await answer({}));
    expect(told).toBe(true);
  });

  test("stopping ends waiting at once", async () => {
    const stop = new AbortController();
    const ask = () => new Promise<never>(() => {});
    const batch = { ...(await tenSamples()), signal: stop.signal };
    const waiting = make({ ask }).logits(batch);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: "run/aborted" });
  });
});

describe("answers", () => {
  test("flat, nested, typed, all alike", async () => {
    const nested = await answer({});
    for (const form of [
      (r: number[][]) => r.flat(),
      (r: number[][]) => Float32Array.from(r.flat()),
    ])
      expect(await answer({ ask: async (q) => ({ logits: form(rowsOf(q)) }) })).toEqual(nested);
  });

  test("probabilities are kept as log p, 0 as log 2^-149", async () => {
    const probabilities = [0.25, 0.75, 0];
    const ask = async ({ keys }: Question) => ({ probabilities: keys.map(() => probabilities) });
    const logits = await answer({ ask });
    expect(logits[0]).toBe(Math.fround(Math.log(0.25)));
    expect(logits[1]).toBe(Math.fround(Math.log(0.75)));
    expect(logits[2]).toBeCloseTo(-149 * Math.LN2, 4);
  });

  test.each([
    ["another number of rows", { logits: [[1, 2, 3]] }, "1 rows"],
    ["another number of classes", { logits: Array(10).fill([1, 2]) }, "2 numbers in row 0"],
    ["too few numbers", { logits: [1, 2, 3] }, "3 numbers"],
    ["NaN", { logits: Array(10).fill([1, Number.NaN, 3]) }, "NaN in row 0"],
    ["a probability above 1", { probabilities: Array(10).fill([1.5, -0.5, 0]) }, "1.5 in row 0"],
    ["a wrong sum", { probabilities: Array(10).fill([0.5, 0.4, 0]) }, "0.9 in row 0"],
    ["something else", { answer: [] } as never, "{ answer }"],
    ["both", { logits: [], probabilities: [] } as never, "both"],
  ])("%s is refused", async (_, given, got) => {
    expect(await refusal(async () => given)).toMatch(
      /^teacher\/answer \| teacher "api", samples 0/,
    );
    expect(await refusal(async () => given)).toContain(`got ${got}`);
  });

  test("probabilities given as logits are refused", async () => {
    expect(await refusal(async () => ({ logits: Array(10).fill([0.2, 0.5, 0.3]) }))).toMatch(
      /^teacher\/undeclared-probabilities .*Answer \{ probabilities: … \}/,
    );
  });
});

test("options out of range are refused", () => {
  expect(() => make({ concurrency: 0 })).toThrow(/concurrency must be an integer ≥ 1, got 0/);
  expect(() => make({ retries: -1 })).toThrow(/retries must be an integer ≥ 0/);
  expect(() => make({ timeoutMs: Number.NaN })).toThrow(/timeoutMs must be 0 or more/);
  expect(make({ classNames: insects }).classNames).toBe(insects);
});

test("values are the samples as a network would see them: the data set's preprocessing", async () => {
  const batch = await tenSamples();
  const seen: number[] = [];
  const ask: FunctionTeacherOptions["ask"] = async (question) => {
    seen.push(question.values[0]!);
    return { logits: rowsOf(question) };
  };
  const [stored] = batch.samples.data;
  await make({ ask }).logits({ ...batch, preprocessing: { scale: 2, offset: 1 } });
  await make({ ask }).logits(batch); // of a caller that does not say
  await make({ ask, preprocessing: { scale: 0.5, offset: 0 } }).logits(batch);
  expect(seen).toEqual([
    2 * stored! + 1,
    Math.fround(Math.fround(1 / 255) * stored!),
    0.5 * stored!,
  ]);
});
