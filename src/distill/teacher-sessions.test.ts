/** @file Teachers' sessions: with the run's threads, and none is open when it has ended. */

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Runtime, SessionOptions } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import type { DistillOptions, TeacherSource } from "./options.ts";
import { runDistillation } from "./run-distillation.ts";
import { finish, randomTeacher, tinyRun } from "./small-problem.cases.ts";
import type { TrainingSpec } from "./training-spec.ts";

let inner: Runtime;
let runtime: Runtime;
let open = 0;
let loads: SessionOptions[] = [];
beforeAll(async () => {
  inner = await nodeRuntime({ worker: false });
  runtime = {
    ...inner,
    load: async (...args) => {
      const session = await inner.load(...args);
      open += 1;
      loads.push(args[1] ?? {});
      const dispose = async (): Promise<void> => {
        await session.dispose();
        open -= 1;
      };
      return { ...session, dispose };
    },
  };
});
beforeEach(() => {
  open = 0;
  loads = [];
});
afterAll(() => inner.close());

const network = { family: "mlp", hidden: [12] } as const;
const training = { epochs: 1, batchSize: 16 };
const trainedWith = (own: TrainingSpec) =>
  ({ kind: "train", teacher: { network, training: own } }) as const;
const trained = trainedWith(training);

const sourcesWith = (own: TrainingSpec): readonly [string, TeacherSource, number][] => [
  ["a network", trainedWith(own), 1],
  [
    "an ensemble",
    { kind: "train", teacher: { network, training: own, members: 2, weights: "validation" } },
    2,
  ],
  [
    "specialists",
    {
      kind: "specialists",
      generalist: trainedWith(own),
      specialists: { count: 2, size: 2, training: own, softWeight: 0.5 },
    },
    3,
  ],
];
const sources = sourcesWith(training);

const start = (teacher: TeacherSource, more: Partial<DistillOptions> = {}) =>
  runDistillation(tinyRun(runtime, teacher, { training, arms: ["distilled"], ...more }));

test.each(sources)("%s: stopped at any event until all is labelled", async (_, source) => {
  const { events } = await finish(start(source));
  expect(open).toBe(0);
  const labelled = events.findLastIndex(({ type }) => type === "label") + 1;
  expect(labelled).toBeGreaterThan(1);
  for (let stop = 1; stop <= labelled; stop++) {
    const run = start(source);
    for (let event = 0; event < stop; event++) await run.next();
    await run.return(undefined as never);
    expect([stop, events[stop - 1]?.type, open]).toEqual([stop, events[stop - 1]?.type, 0]);
  }
});

test.each(sources)("%s: labelling that is refused", async (_, source) => {
  const labels = { views: 2, augmentation: { shift: 9 } }; // images are 6 wide
  await expect(finish(start(source, { labels }))).rejects.toMatchObject({ code: "config/range" });
  expect(open).toBe(0);
});

test("members that do not fit together are closed, given ones are not", async () => {
  const given = await randomTeacher(runtime);
  const other = { ...given, classNames: ["x", "y", "z"] };
  const members = [trained, { kind: "given", teacher: other } as const];
  await expect(finish(start({ kind: "ensemble", members }))).rejects.toMatchObject({
    code: "teacher/class-mismatch",
  });
  expect(open).toBe(1);
  await given.close();
});

test.each(sourcesWith({ ...training, threads: 2 }))(
  "%s: every network labels with its training's threads, a batch each",
  async (_, source, networks) => {
    await finish(start(source));
    const many = loads.filter(({ manyRuns }) => manyRuns);
    expect(many).toEqual(Array.from({ length: networks }, () => ({ threads: 2, manyRuns: true })));
    loads = [];
    await finish(start(source, { distillation: { live: true } }));
    expect(loads.filter(({ manyRuns }) => manyRuns)).toEqual([]);
    expect(loads).toContainEqual({ threads: 2, manyRuns: false });
  },
);
