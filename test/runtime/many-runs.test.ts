/** @file Labelling on several threads, each with a worker and a copy: the package is the same. */

import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = `
  import { createHash } from "node:crypto";
  import { arrayDataset, memoryStore } from ${JSON.stringify(resolve("dist/data/index.js"))};
  import { labelAll, networkOf, networkTeacher } from ${JSON.stringify(resolve("dist/distill/index.js"))};
  import { initialParameters } from ${JSON.stringify(resolve("dist/engine/nn/index.js"))};
  import { nodeRuntime } from ${JSON.stringify(resolve("dist/engine/runtime/node.js"))};
  const classNames = ["a", "b", "c"];
  const shape = [64];
  const samples = 1000;
  const dataset = arrayDataset({
    name: "noise", dtype: "uint8", shape, classNames, labels: new Int32Array(samples),
    data: Uint8Array.from({ length: samples * 64 }, (_, at) => (at * 2654435761) >>> 24),
  });
  const sample = { dtype: "uint8", shape };
  const spec = { family: "mlp", hidden: [400] };
  const { preprocessing } = dataset;
  const about = { spec, sample, preprocessing, classNames };
  const weights = initialParameters(networkOf(about).parameters, 7);
  const runtime = await nodeRuntime();
  const facts = [];
  for (const options of [{ threads: 1 }, { threads: 3 }, { threads: 3, live: true }]) {
    const teacher = await networkTeacher(runtime, { ...about, weights }, { ...options, batchSize: 50 });
    const store = memoryStore("memory");
    if (options.threads > 1) await new Promise((done) => setTimeout(done, 1000)); // all workers are there
    await labelAll({ teacher, dataset, store });
    const hash = createHash("sha256");
    for (const name of (await store.list()).toSorted()) hash.update(await store.read(name));
    await teacher.close();
    const workers = process.report.getReport().workers?.length ?? 0;
    facts.push({ package: hash.digest("hex"), workers });
  }
  await runtime.close();
  console.log(JSON.stringify(facts));
`;

test("as many workers as threads, the same package, and the process ends", async () => {
  const words = ["--input-type=module", "-e", program];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const [one, three, live] = JSON.parse(stdout) as { package: string; workers: number }[];
  expect(three).toEqual({ package: one!.package, workers: 3 });
  expect(one!.workers).toBe(1);
  expect(live!.workers).toBe(3); // those that are there, of which it uses one
});
