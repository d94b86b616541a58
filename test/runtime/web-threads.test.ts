/**
 * @file onnxruntime-web in Node has as many threads as the first session asks for, here or in a
 * worker.
 */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "web-threads-"));
afterAll(() => rmSync(folder, { recursive: true }));

const program = (worker: boolean, wanted: readonly number[]): string => `
  import { readFileSync } from "node:fs";
  import { nodeRuntime } from ${JSON.stringify(resolve("dist/engine/runtime/node.js"))};
  const model = readFileSync("test/golden/foreign-teacher.onnx");
  const runtime = await nodeRuntime({ backend: "onnxruntime-web", worker: ${worker} });
  const besides = () => {
    const { workers = [] } = process.report.getReport();
    return ${worker} ? workers.flatMap((each) => each.workers ?? []).length : workers.length;
  };
  const facts = [];
  for (const options of ${JSON.stringify(wanted.map((threads) => ({ threads, manyRuns: true })))}) {
    await runtime.load(model, options);
    facts.push(1 + besides());
  }
  await runtime.close();
  console.log(JSON.stringify(facts));
`;

async function threadsOf(worker: boolean, wanted: readonly number[]): Promise<unknown> {
  const file = join(folder, "load.mjs"); // onnxruntime-web's threads refuse a program given as text
  writeFileSync(file, program(worker, wanted));
  const { stdout } = await promisify(execFile)(process.execPath, [file]);
  return JSON.parse(stdout);
}

test.each([false, true])(
  "the first session decides; the process ends (in a worker: %s)",
  async (worker) => {
    expect(await threadsOf(worker, [3, 1, 2])).toEqual([3, 3, 3]);
    expect(await threadsOf(worker, [2])).toEqual([2]);
    expect(await threadsOf(worker, [1, 2])).toEqual([1, 1]); // more than 1 on four cores, unasked
  },
);
