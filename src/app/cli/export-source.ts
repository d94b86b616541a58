/** @file What potstill export can bring to int8: a trained model, or a float ONNX file. */

import type { Dataset } from "../../data/index.ts";
import {
  type CalibrationOptions,
  type QuantizedGraph,
  type QuantizeOptions,
  quantizeGraph,
} from "../../device/quantize/index.ts";
import {
  assertFrames,
  assertOnnxParity,
  type Model,
  modelHash,
  modelLogits,
  onnxEncoding,
  onnxStudent,
  onnxStudentLogits,
  quantizeModel,
  readModel,
  type SampleEncoding,
} from "../../distill/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { elementCount } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { modelFileAt, readModelFile } from "./data-encoding.ts";

export interface ExportSource {
  /** SHA-256 of the file, 64 hex digits */
  readonly hash: string;
  readonly classNames: readonly string[];
  /** how its samples are made before they are its input */
  readonly encoding: SampleEncoding;
  /** undefined for a foreign file */
  readonly model: Model | undefined;
  readonly quantized: (options: CalibrationOptions & QuantizeOptions) => Promise<QuantizedGraph>;
  /** float32 [samples, classes] */
  readonly logits: (runtime: Runtime, dataset: Dataset) => Promise<Float32Array>;
  /** lines for people: what was checked of the file itself */
  readonly checked: (runtime: Runtime, dataset: Dataset) => Promise<readonly string[]>;
}

/**
 * @param path of a .safetensors model or a float .onnx file
 * @param calibration samples that the model will be calibrated with
 * @throws as readModel and onnxStudent; DataError "import/classes" for data of other classes than
 *   the model's, or where a file's output is not one number for each, "teacher/frames" for frames
 *   that were made otherwise
 */
export async function openExportSource(path: string, calibration: Dataset): Promise<ExportSource> {
  const file = modelFileAt(path);
  const bytes = await readModelFile(file, "a trained model");
  return "model" in file
    ? onnxSource(bytes, path, calibration)
    : modelSource(readModel(bytes, path), path, calibration);
}

function modelSource(model: Model, path: string, calibration: Dataset): ExportSource {
  const { frames, classNames } = model;
  assertFrames(path, frames, calibration);
  assertSameClasses(path, classNames, calibration);
  return {
    encoding: { frames },
    hash: modelHash(model),
    classNames,
    model,
    quantized: (options) => quantizeModel(model, options),
    logits: (runtime, dataset) => modelLogits(runtime, model, dataset),
    checked: async () => [],
  };
}

function onnxSource(bytes: Uint8Array, path: string, calibration: Dataset): ExportSource {
  const student = onnxStudent(bytes, path, calibration);
  const { classNames } = calibration;
  const { classNames: own = null, frames } = onnxEncoding(bytes, path);
  assertFrames(path, frames, calibration);
  if (own !== null) assertSameClasses(path, own, calibration);
  const outputs = elementCount(student.graph.outputs[0]!.value.shape); // onnxStudent has counted
  if (outputs !== classNames.length)
    throw new DataError("import/classes", {
      where: `${path}, output "${student.outputName}"`,
      rule: `there must be an output for each of the ${classNames.length} classes of ${calibration.name}`,
      got: String(outputs),
      fix: "Calibrate with the data that the model was made for",
    });
  return {
    hash: sha256Hex(bytes),
    classNames,
    encoding: { frames },
    model: undefined,
    quantized: (options) => quantizeGraph(student.graph, options),
    logits: (runtime, dataset) => onnxStudentLogits(runtime, student, dataset),
    checked: async (runtime, dataset) => {
      const difference = await assertOnnxParity(runtime, student, dataset);
      return [`${path}: imported, outputs within ${difference.toExponential(1)} of the file's own`];
    },
  };
}

/** Labels are numbers of the data's classes: of others the accuracy would mean nothing. */
function assertSameClasses(
  path: string,
  own: readonly string[],
  { name, classNames }: Dataset,
): void {
  if (own.join("\n") === classNames.join("\n")) return;
  throw new DataError("import/classes", {
    where: path,
    rule: `the model has the classes ${own.join(", ")}`,
    got: `${classNames.join(", ")} in ${name}`,
    fix: "Calibrate with data of these classes in this order, or give data.classNames",
  });
}
