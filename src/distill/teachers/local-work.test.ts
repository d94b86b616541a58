/** @file A teacher's threads: batches asked at once, and how its session is opened. */

import { expect, test } from "vitest";
import { localWorkload, runsTogether, sessionOptions, teacherThreads } from "./local-work.ts";

test("every thread has a batch, and two wait for it", () => {
  expect(localWorkload(256, {}).concurrency).toBe(3);
  expect(localWorkload(256, { threads: 3 })).toMatchObject({ batchSize: 256, concurrency: 9 });
});

test("small runs are asked together, up to 1 MiB and 2^31 multiplications", () => {
  const image = { dtype: "uint8", shape: [1, 28, 28] } as const;
  expect(runsTogether(32, image, 2 ** 22)).toBe(16);
  expect(runsTogether(1, image, 2 ** 24)).toBe(128); // a file that fixes its batch
  expect(runsTogether(32, image, 0)).toBe(41); // 784 bytes each
  expect(runsTogether(1, { dtype: "float32", shape: [512, 128] }, 1)).toBe(4); // 256 KiB each
  expect(runsTogether(32, image, 2 ** 30)).toBe(1); // a slow teacher
  expect(runsTogether(32, image, null)).toBe(1);
  expect(localWorkload(32, {}, 4).batchesPerQuestion).toBe(4);
});

test("threads share one batch only where the teacher is asked live", () => {
  expect(sessionOptions({})).toEqual({ threads: 1, manyRuns: true });
  const live = teacherThreads({ threads: 3 }, { distillation: { live: true } });
  expect(sessionOptions(live)).toEqual({ threads: 3, manyRuns: false });
  expect(sessionOptions(teacherThreads({ threads: 3 }, {})).manyRuns).toBe(true);
});
