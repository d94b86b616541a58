/** @file The work of potstill export for int8 formats: calibrate, quantise, check, write. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Dataset } from "../../data/index.ts";
import { folderStore } from "../../data/sources/index-node.ts";
import { type Integers, type QuantizedGraph, runQuantized } from "../../device/quantize/index.ts";
import type { Model } from "../../distill/index.ts";
import { accuracy } from "../../distill/metrics/index.ts";
import { ConfigError } from "../../errors/index.ts";
import { type CalibrationData, calibrationData } from "./calibration-data.ts";
import { showPercent } from "./event-text.ts";
import type { IntegerOptions } from "./export-options.ts";
import { openExportSource } from "./export-source.ts";
import { integerNetwork } from "./integer-network.ts";
import { type IntegerFormat, integerFiles, roundingOf } from "./integer-targets.ts";
import { type PlanRequest, planForBoard } from "./mcu/plan-board.ts";
import { trainOffer } from "./mcu/train-narrower-student.ts";
import { integerAccuracy, type OutputDeviation, outputDeviation } from "./quantized-samples.ts";
import { withRuntime } from "./start-run.ts";
import type { Terminal } from "./terminal.ts";

export interface ExportIntegerRequest extends IntegerOptions {
  readonly terminal: Terminal;
  readonly json: boolean;
  /** a .safetensors or a float .onnx file */
  readonly model: string;
  /** a folder that is not there yet */
  readonly out: string;
  readonly format: IntegerFormat;
  readonly calibration: string;
}

/** Writes the files of one int8 format into a new folder, and prints float beside int8. */
export async function exportInteger(request: ExportIntegerRequest): Promise<void> {
  const { terminal, json, out, format, method, name, arduino } = request;
  if (existsSync(out)) throw alreadyThere(out);
  const data = await calibrationData(request);
  const source = await openExportSource(request.model, data.calibration);
  const { perChannelDense } = request;
  assertOwnGrid(source.model, perChannelDense);
  const int8 = await withRuntime(async (runtime) => ({
    checked: await source.checked(runtime, data.check),
    floatLogits: await source.logits(runtime, data.check),
    ...(await integerNetwork(source, { method, perChannelDense, runtime, data, format, name })),
  }));
  const { graph, samples, exportedFrontEnd, floatLogits, checked } = int8;
  const outputs = samples.map((sample) => runQuantized(graph, sample, roundingOf[format]));
  const numbers = besideFloat(outputs, graph, floatLogits, data.check);
  const { classNames, encoding, hash, model } = source;
  const context = {
    ...{ graph, name, modelHash: hash, classNames, encoding },
    ...{ arduino, samples, outputs, exportedFrontEnd },
  };
  const { files, about, details } = await integerFiles(format, context);
  const plan =
    request.board === undefined
      ? { lines: [], details: {} }
      : await planForBoard({
          ...{ ...request.board, terminal, json, model, graph, name, samples, exportedFrontEnd },
          offer: offerFor(request, model, data),
        });
  await writeAll(out, files);
  const isTrained = model?.quantization !== undefined; // then calibration has no say
  const ranges = isTrained
    ? "ranges from training"
    : `calibrated by ${method} on ${data.calibration.name}`;
  terminal.print(
    json
      ? JSON.stringify({
          out,
          format,
          files: [...files.keys()],
          method: isTrained ? "training" : method,
          ...numbers,
          ...int8.details,
          ...details,
          ...plan.details,
        })
      : [
          `${out}: ${[...files.keys()].join(", ")}`,
          `accuracy ${isTrained ? "on the trained grid" : "float32"} ${showPercent(numbers.floatAccuracy)}, int8 ${showPercent(numbers.int8Accuracy)} on ${numbers.samples} samples of ${data.check.name}, ${ranges}`,
          ...deviationLines(numbers.deviation, isTrained),
          ...checked,
          ...int8.lines,
          ...about,
          ...plan.lines,
        ].join("\n"),
  );
}

/** @throws ConfigError "config/conflict" for scales that a network was not trained on */
function assertOwnGrid(model: Model | undefined, perChannelDense: boolean): void {
  const trained = model?.quantization;
  if (trained === undefined || !perChannelDense || trained.perChannelDense) return;
  throw new ConfigError("config/conflict", {
    where: "potstill export --per-channel-dense",
    rule: "a network that was trained on its int8 grid keeps the scales of this grid",
    got: "a dense layer with one scale",
    fix: "Train with quantizationAware: {perChannelDense: true}, or leave the option out",
  });
}

/** Accuracy and outputs of the integer network beside those of the float one. */
function besideFloat(
  outputs: readonly Integers[],
  graph: QuantizedGraph,
  floatLogits: Float32Array,
  check: Dataset,
) {
  return {
    samples: check.length,
    floatAccuracy: accuracy(floatLogits, check.labels),
    int8Accuracy: integerAccuracy(outputs, check),
    deviation: outputDeviation(outputs, graph, floatLogits),
  };
}

function deviationLines(deviation: OutputDeviation | null, isTrained: boolean): readonly string[] {
  if (deviation === null) return [];
  const [most, mean, range] = [deviation.max, deviation.mean, deviation.range].map((x) =>
    x.toPrecision(3),
  );
  return [
    `outputs at most ${most} from ${isTrained ? "the trained grid's" : "float32's"}, ${mean} on average, of a range of ${range}`,
  ];
}

function offerFor(
  { offerEpochs: epochs, out, terminal }: ExportIntegerRequest,
  model: Model | undefined,
  { calibration: train, validation }: CalibrationData,
): PlanRequest["offer"] {
  if (model === undefined || epochs === 0) return undefined;
  const say = (line: string): void => terminal.say(line);
  return (student) => trainOffer({ data: { train, validation }, model, student, epochs, out, say });
}

function alreadyThere(out: string): ConfigError {
  return new ConfigError("config/usage", {
    where: "potstill export --out",
    rule: "nothing is overwritten",
    got: `${out}, which is there`,
    fix: "Choose another name, or remove it first",
  });
}

async function writeAll(out: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [path, bytes] of files) {
    const store = await folderStore(join(out, dirname(path)));
    await store.write(path.slice(path.lastIndexOf("/") + 1), bytes);
  }
}
