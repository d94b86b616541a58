/** @file From a trained student to its C files in a folder, in one call. */

import { type Dataset, subset } from "../data/index.ts";
import { folderStore } from "../data/sources/index-node.ts";
import { type CExport, exportC, exportFrontEnd } from "../device/export/index.ts";
import {
  type CalibrationMethod,
  type CalibrationOptions,
  quantizeSamples,
  runFrontEnd,
} from "../device/quantize/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { allocate, elementCount } from "../engine/tensor/index.ts";
import { quantizeModel } from "./quantize-model.ts";
import { frontEndOf, isSoundModel, quantizeAfterLogMel, soundSamples } from "./sound-model.ts";
import { type Model, modelHash } from "./training/model-file.ts";

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
 * are the first calibration samples; for a student of sound `name`_front_end.h and .c too.
 *
 * @returns what was written, and the network's sizes
 * @throws QuantizeError "quantize/..." naming the layer, the rule, and what to do; ConfigError
 *   "config/name" for a name that is no lower-case C identifier, "front-end/..." for log-mel
 *   features that have no integer form; DataError "file/unwritable"
 * @example
 *   await saveStudentC(model, { calibration: data.train, folder: "student" });
 */
export async function saveStudentC(model: Model, options: SaveStudentCOptions): Promise<CExport> {
  const { calibration, folder, method = "minMax", name = "student", arduino = false } = options;
  const runtime = await nodeRuntime();
  const { graph, selfTest, beside } = await integerForm(model, {
    ...{ calibration, runtime, method, name },
  }).finally(runtime.close);
  const about = { name, modelHash: modelHash(model), selfTest, arduino };
  const exported = exportC(graph, { ...about, ...(beside && { beside }) });
  const store = await folderStore(folder);
  for (const [path, text] of exported.files)
    await store.write(path, new TextEncoder().encode(text));
  return exported;
}

/** @returns the network, samples for its self-test, and what lies beside it: the front end */
async function integerForm(
  model: Model,
  { name, ...options }: CalibrationOptions & { readonly name: string },
) {
  const { calibration } = options;
  const length = Math.min(selfTests, calibration.length);
  const first = Int32Array.from({ length }, (_, index) => index);
  if (isSoundModel(model)) {
    const graph = await quantizeAfterLogMel(model, options);
    const frontEnd = frontEndOf(model, graph);
    const sound = await soundSamples(subset(calibration, first, calibration.name));
    const selfTest = sound.map((pcm) => runFrontEnd(frontEnd, pcm));
    return { graph, selfTest, beside: exportFrontEnd(frontEnd, name).files };
  }
  const graph = await quantizeModel(model, options);
  const size = elementCount(calibration.shape);
  const stored = allocate(calibration.dtype, length * size);
  await calibration.gather(first, stored);
  const all = quantizeSamples(stored, graph.sample, graph.tensors[graph.input]!);
  const selfTest = Array.from(first, (at) => all.slice(at * size, (at + 1) * size));
  return { graph, selfTest, beside: undefined };
}
