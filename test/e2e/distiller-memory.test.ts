/** @file The Distiller of potstill/node refuses a step larger than memory without being told. */

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const program = `
import { arrayDataset, Distiller } from ${JSON.stringify(resolve("dist/index-node.js"))};

const data = arrayDataset({
  name: "made",
  dtype: "float32",
  shape: [2],
  data: Float32Array.from({ length: 200 }, (_, at) => at),
  labels: Int32Array.from({ length: 100 }, (_, at) => at % 2),
  classNames: ["a", "b"],
});
const huge = { family: "mlp", hidden: [1_000_000, 1_000_000] }; // four terabytes of weights
const training = { epochs: 1 };
const teacher = { train: { network: { family: "mlp", hidden: [4] }, training } };
const options = { ...training, allowLargerStudent: true };
await new Distiller({ teacher, student: huge }).fit(data, options).catch((error) => {
  console.log(error.code, error.message);
});
`;

test("by the memory that is free", () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", program],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(stdout).toMatch(
    /^run\/memory training of student: a step must fit in the .* of memory that are free, got an estimate of \d+ GB/,
  );
});
