/** @file The Distiller of potstill/node refuses a teacher's file that is of other samples. */

import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { useFolder } from "../support/command-line.ts";

const folder = useFolder();

const program = (file: string): string => `
import { writeFileSync } from "node:fs";
import { arrayDataset, Distiller } from ${JSON.stringify(resolve("dist/index-node.js"))};

const bytes = Uint8Array.from({ length: 400 }, (_, at) => (at * 37) % 251);
const labels = Int32Array.from({ length: 100 }, (_, at) => at % 2);
const same = { name: "made", shape: [4], labels, classNames: ["a", "b"] };
const data = arrayDataset({ ...same, dtype: "uint8", data: bytes });
const floats = arrayDataset({ ...same, dtype: "float32", data: Float32Array.from(bytes, (b) => b / 255) });
const student = { family: "mlp", hidden: [4] };
const training = { epochs: 1 };
const options = { ...training, seeds: [1], arms: ["distilled"] };
const teacher = { train: { network: student, training } };
const { safetensors } = await new Distiller({ teacher, student }).fit(data, options);
const file = ${JSON.stringify(file)};
writeFileSync(file, safetensors);
for (const set of [data, floats])
  await new Distiller({ teacher: file, student }).fit(set, options).then(
    () => console.log("distilled"),
    (error) => console.log(error.code, error.message),
  );
`;

test("by its dtype", () => {
  const text = program(join(folder.path, "teacher.safetensors"));
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", text], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const [same, other] = stdout.trimEnd().split("\n");
  expect(same).toBe("distilled");
  expect(other).toMatch(/^teacher\/input-shape .*the model takes uint8 \[4\], got float32 \[4\]/);
});
