/**
 * @file The work of potstill export: write the file, and compare what it computes with the
 * trained graph.
 */

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { arrayDataset, type Dataset, type SampleDType } from "../../data/index.ts";
import { folderStore, readFileBytes } from "../../data/sources/index-node.ts";
import { withHalfWeights } from "../../device/export/index.ts";
import {
  type Model,
  modelLogits,
  onnxTeacher,
  readModel,
  studentFile,
  teacherLogits,
} from "../../distill/index.ts";
import { accuracy } from "../../distill/metrics/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import {
  allocate,
  type DataOf,
  elementCount,
  randomStream,
  type Tensor,
} from "../../engine/tensor/index.ts";
import { logitsOutput, samplesInput } from "../../engine/train/index.ts";
import { ConfigError, ExportError } from "../../errors/index.ts";
import { calibrationData } from "./calibration-data.ts";
import { showPercent } from "./event-text.ts";
import { withRuntime } from "./start-run.ts";
import type { Terminal } from "./terminal.ts";
import { usageError } from "./usage-error.ts";

const paritySamples = 64;
/**
 * float32 logits of the same weights by another arrangement of the same sums, relative to the
 * largest logit.
 */
const parityTolerance = 1e-3;
/** With weights to 11 bits, a relative 2^-11 from 2^-14 on, which layers may add up. */
const halfTolerance = 2e-2;

export interface ExportModelRequest {
  readonly terminal: Terminal;
  readonly json: boolean;
  /** weights in float16 */
  readonly half: boolean;
  /** data to compare accuracy on; undefined for none */
  readonly compared: string | undefined;
}

/** Writes `out` as ONNX that computes in float32; it must not be there yet. */
export async function exportModel(
  path: string,
  out: string,
  { terminal, json, half, compared }: ExportModelRequest,
): Promise<void> {
  if (existsSync(out)) throw alreadyThere(out);
  const file = await modelFile(path);
  if (file.endsWith(".onnx"))
    throw usageError(
      "export",
      "brings an .onnx file to int8: give --format c, tflite or onnx-int8",
      half
        ? "--format onnx-fp16, which needs a trained model"
        : "--format onnx, which it is in already",
    );
  const model = readModel(await readFileBytes(file, "a trained model"), file);
  const { bytes: whole, opset } = studentFile(model);
  const bytes = half ? withHalfWeights(whole, file) : whole;
  const data =
    compared === undefined ? null : await calibrationData({ calibration: compared, model: file });
  const [difference, accuracies] = await withRuntime(async (runtime) => [
    await assertParity(runtime, model, bytes, half),
    data && (await bothAccuracies(runtime, { model, bytes, file: out }, data.check)),
  ]);
  const store = await folderStore(dirname(out));
  await store.write(basename(out), bytes);
  terminal.print(
    json
      ? JSON.stringify({
          file: out,
          format: half ? "onnx-fp16" : "onnx",
          opset,
          bytes: bytes.length,
          maxDifference: difference,
          ...accuracies,
        })
      : [
          `${out}: ONNX opset ${opset}, ${bytes.length} bytes${half ? ` (${whole.length} in float32)` : ""}, logits within ${difference.toExponential(1)} of the trained graph's on ${paritySamples} random samples`,
          ...(accuracies ? [accuracyLine(accuracies)] : []),
        ].join("\n"),
  );
}

/** Of the trained network, and of the file, by the runtime. */
interface BothAccuracies {
  readonly samples: number;
  readonly floatAccuracy: number;
  readonly halfAccuracy: number;
}

async function bothAccuracies(
  runtime: Runtime,
  {
    model,
    bytes,
    file,
  }: { readonly model: Model; readonly bytes: Uint8Array; readonly file: string },
  dataset: Dataset,
): Promise<BothAccuracies> {
  const teacher = await onnxTeacher(runtime, { model: bytes, file, dataset, kind: "logits" });
  try {
    const [trained, written] = [
      await modelLogits(runtime, model, dataset),
      await teacherLogits(teacher, dataset),
    ];
    const [floatAccuracy, halfAccuracy] = [trained, written].map((z) =>
      accuracy(z, dataset.labels),
    ) as [number, number];
    return { samples: dataset.length, floatAccuracy, halfAccuracy };
  } finally {
    await teacher.close();
  }
}

const accuracyLine = ({ samples, floatAccuracy, halfAccuracy }: BothAccuracies): string =>
  `accuracy float32 ${showPercent(floatAccuracy)}, float16 weights ${showPercent(halfAccuracy)} on ${samples} samples`;

/** A run folder stands for its student. */
export async function modelFile(path: string): Promise<string> {
  const isFolder = await readdir(path).then(
    () => true,
    () => false,
  );
  return isFolder ? join(path, "student.safetensors") : path;
}

/** @returns the largest difference. @throws ExportError "export/parity" */
async function assertParity(
  runtime: Runtime,
  model: Model,
  bytes: Uint8Array,
  half: boolean,
): Promise<number> {
  const { dtype, shape } = model.sample;
  const { preprocessing, classNames } = model;
  const data = randomSamples(model);
  const labels = new Int32Array(paritySamples).fill(-1);
  const common = { name: "random", shape, labels, classNames, preprocessing };
  const dataset = arrayDataset({ ...common, dtype, data });
  const trained = await modelLogits(runtime, model, dataset);
  const session = await runtime.load(bytes);
  const samples = { dtype, shape: [paritySamples, ...shape], data } as Tensor; // dtype and array go together
  const { outputs } = await session.run({ [samplesInput]: samples });
  const written = outputs[logitsOutput]!.data; // the exported graph's one output
  const largest = trained.reduce((top, logit) => Math.max(top, Math.abs(logit)), 1);
  const difference = trained.reduce(
    (worst, logit, at) => Math.max(worst, Math.abs(logit - Number(written[at]))),
    0,
  );
  const tolerance = half ? halfTolerance : parityTolerance;
  if (!(difference <= tolerance * largest))
    throw new ExportError("export/parity", {
      where: "potstill export",
      rule: `the file's logits must be the trained graph's within ${tolerance} of the largest`,
      got: `a difference of ${difference} with logits up to ${largest}`,
      fix: half
        ? "float16 is too coarse for these weights: use --format onnx"
        : "This is a fault in the export; please report it",
    });
  return difference;
}

function randomSamples({ sample, text }: Model): DataOf[SampleDType] {
  const stream = randomStream(0, "export parity");
  const limit = text?.vocabulary.length ?? 256; // token ids, or bytes
  const data = allocate(sample.dtype, paritySamples * elementCount(sample.shape));
  for (let at = 0; at < data.length; at++)
    data[at] = sample.dtype === "float32" ? stream.uniform() : stream.integer(limit);
  return data;
}

function alreadyThere(out: string): ConfigError {
  return new ConfigError("config/usage", {
    where: "potstill export --out",
    rule: "nothing is overwritten",
    got: `${out}, which is there`,
    fix: "Choose another name, or remove it first",
  });
}
