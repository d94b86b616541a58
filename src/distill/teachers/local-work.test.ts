/** @file A teacher's threads: batches asked at once, and how its session is opened. */

import { expect, test } from "vitest";
import { localWorkload, sessionOptions, teacherThreads } from "./local-work.ts";

test("every thread has a batch, and two wait for it", () => {
  expect(localWorkload(256, {}).concurrency).toBe(3);
  expect(localWorkload(256, { threads: 3 })).toMatchObject({ batchSize: 256, concurrency: 9 });
});

test("threads share one batch only where the teacher is asked live", () => {
  expect(sessionOptions({})).toEqual({ threads: 1, manyRuns: true });
  const live = teacherThreads({ threads: 3 }, { distillation: { live: true } });
  expect(sessionOptions(live)).toEqual({ threads: 3, manyRuns: false });
  expect(sessionOptions(teacherThreads({ threads: 3 }, {})).manyRuns).toBe(true);
});
