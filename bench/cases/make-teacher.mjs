/** @file Writes a teacher with initial weights as an .onnx file. usage: make-teacher.mjs mlp-1200|mlp-1200-float|cnn FILE */

import { writeFileSync } from "node:fs";
import { freshModel, noise, onnxBytes } from "./models.mjs";

const [name, file] = process.argv.slice(2);
const large = { spec: { family: "mlp", hidden: [1200, 1200] }, shape: [784] };
const specs = {
  "mlp-1200": large,
  /** as other tools write it: preprocessed samples in, which is then the host's work */
  "mlp-1200-float": { ...large, input: { dtype: "float32", preprocessing: { scale: 1, offset: 0 } } },
  cnn: { spec: { family: "cnn", channels: [32, 64], hidden: [128] }, shape: [1, 28, 28] },
};
const { spec, shape, input } = specs[name];
writeFileSync(file, onnxBytes(freshModel(spec, { ...noise(10, shape), ...input })));
