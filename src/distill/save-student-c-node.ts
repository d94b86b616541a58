/** @file From a trained student to its C files in a folder, in one call. */

import type { Dataset } from "../data/index.ts";
import { folderStore } from "../data/sources/index-node.ts";
import { type CExport, exportC } from "../export/index.ts";
import { type CalibrationMethod, quantizeSamples } from "../quantize/index.ts";
import { nodeRuntime } from "../runtime/node.ts";
import { allocate, elementCount } from "../tensor/index.ts";
import { type Model, modelHash } from "../train/index.ts";
import { quantizeModel } from "./quantize-model.ts";

export interface SaveStudentCOptions {
  /** samples like those that it will see; labels are not used */
  readonly calibration: Dataset;
  /** made if needed; files of the same names are replaced */
  readonly folder: string;
  /** in front of every C name, and the files' name; default "student" */
  readonly name?: string;
  /** default minMax */
  readonly method?: CalibrationMethod;
  /** an Arduino library in place of bare files; default false */
  readonly arduino?: boolean;
}

const selfTests = 4;

/**
 * Quantises a student to int8 and writes `name`.h, `name`.c and `name`_selftest.c, whose vectors
 * are the first calibration samples.
 *
 * @returns what was written, and its sizes
 * @throws QuantizeError "quantize/..." naming the layer, the rule, and what to do; ConfigError
 *   "config/name" for a name that is no lower-case C identifier; DataError "file/unwritable"
 * @example
 *   await saveStudentC(model, { calibration: data.train, folder: "student" });
 */
export async function saveStudentC(model: Model, options: SaveStudentCOptions): Promise<CExport> {
  const { calibration, folder, method = "minMax", name = "student", arduino = false } = options;
  const runtime = await nodeRuntime();
  const graph = await quantizeModel(model, { calibration, runtime, method }).finally(runtime.close);
  const length = Math.min(selfTests, calibration.length);
  const size = elementCount(calibration.shape);
  const stored = allocate(calibration.dtype, length * size);
  await calibration.gather(
    Int32Array.from({ length }, (_, index) => index),
    stored,
  );
  const all = quantizeSamples(stored, graph.sample, graph.tensors[graph.input]!);
  const selfTest = Array.from({ length }, (_, at) => all.slice(at * size, (at + 1) * size));
  const exported = exportC(graph, { name, modelHash: modelHash(model), selfTest, arduino });
  const store = await folderStore(folder);
  for (const [path, text] of exported.files)
    await store.write(path, new TextEncoder().encode(text));
  return exported;
}
