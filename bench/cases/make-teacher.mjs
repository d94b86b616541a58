/** @file Writes a teacher with initial weights as an .onnx file. usage: make-teacher.mjs mlp-1200|cnn FILE */

import { writeFileSync } from "node:fs";
import { freshModel, noise, onnxBytes } from "./models.mjs";

const [name, file] = process.argv.slice(2);
const specs = {
  "mlp-1200": { spec: { family: "mlp", hidden: [1200, 1200] }, shape: [784] },
  cnn: { spec: { family: "cnn", channels: [32, 64], hidden: [128] }, shape: [1, 28, 28] },
};
const { spec, shape } = specs[name];
writeFileSync(file, onnxBytes(freshModel(spec, noise(10, shape))));
