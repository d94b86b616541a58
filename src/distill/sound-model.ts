/**
 * @file Models of sound, whose first layer is logMel, on the way to int8: the network from the
 * features on, its calibration data, and the front end in integers that takes the layer's place.
 */

import { arrayDataset, type Dataset, spreadSamples } from "../data/index.ts";
import {
  assertCalibrationOptions,
  assertQuantizeOptions,
  type CalibrationOptions,
  type FrontEnd,
  planFrontEnd,
  type QuantizedGraph,
  type QuantizeOptions,
  quantizeSamples,
  runFrontEnd,
} from "../device/quantize/index.ts";
import { logMel, type Network, sequential } from "../engine/nn/index.ts";
import type { LogMelOptions } from "../engine/ops/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { allocate, elementCount } from "../engine/tensor/index.ts";
import { openPredictor } from "../engine/train/index.ts";
import { ConfigError, ExportError, QuantizeError } from "../errors/index.ts";
import { quantizeModel } from "./quantize-model.ts";
import type { Model } from "./training/model-file.ts";

/** A model with `logMel` in its spec. */
export type SoundModel = Model & { readonly spec: { readonly logMel: LogMelOptions } };

export function isSoundModel(model: Model): model is SoundModel {
  return model.spec.logMel !== undefined;
}

/** The layer alone: [samples] → [1, frames, mels] */
function frontOf({ spec, sample }: Omit<SoundModel, "weights">): Network {
  return sequential("log mel", sample.shape, [["logMel", logMel(spec.logMel)]]);
}

/** @returns the network without its first layer: a model of float32 [1, frames, mels] */
export function modelAfterLogMel(model: SoundModel): Model {
  const { logMel: _, ...spec } = model.spec;
  return {
    ...model,
    spec: spec as Model["spec"], // a family's options without logMel are a spec
    sample: { dtype: "float32", shape: frontOf(model).outputShape },
    preprocessing: { scale: 1, offset: 0 },
  };
}

/** @returns what the model's first layer makes of each sample, float32 [1, frames, mels] */
export async function logMelFeatures(
  runtime: Runtime,
  model: SoundModel,
  dataset: Dataset,
): Promise<Dataset> {
  const { sample, preprocessing } = model;
  const network = frontOf(model);
  const batchSize = Math.min(32, dataset.length);
  const predictor = await openPredictor(runtime, { network, sample, preprocessing, batchSize });
  const data = await predictor.datasetLogits(dataset, {}).finally(predictor.close);
  const { labels, classNames, groups } = dataset;
  const name = `log-mel features of ${dataset.name}`;
  const shape = network.outputShape;
  return arrayDataset({ name, dtype: "float32", shape, data, labels, classNames, groups });
}

/**
 * Brings a model of sound to int8, from its log-mel features on: no runtime has an integer operator
 * for the features themselves. `frontEndOf` computes them in C; elsewhere they are the caller's.
 *
 * @param options.calibration sound, as the model takes it
 * @returns a network of features [1, frames, mels]
 * @throws as quantizeModel
 */
export async function quantizeAfterLogMel(
  model: SoundModel,
  options: CalibrationOptions & QuantizeOptions,
): Promise<QuantizedGraph> {
  assertCalibrationOptions(options);
  assertQuantizeOptions(options);
  const { calibration, runtime, maxSamples = 512 } = options;
  const some = spreadSamples(calibration, maxSamples);
  const features = await logMelFeatures(runtime, model, some);
  return quantizeModel(modelAfterLogMel(model), { ...options, calibration: features });
}

/**
 * The model's first layer in integers: from 16-bit samples to the input of its int8 network, frame
 * by frame as sound comes in.
 *
 * @param graph of quantizeAfterLogMel
 * @throws ConfigError "front-end/transform", "front-end/floor"
 */
export function frontEndOf({ spec }: SoundModel, graph: QuantizedGraph): FrontEnd {
  const { sample, tensors } = graph;
  const input = tensors[graph.input]!; // the graph's own
  const frames = elementCount(input.shape) / spec.logMel.mels;
  const context = { before: frames - 1, after: 0 };
  return planFrontEnd({ logMel: spec.logMel, context, sample, input });
}

/**
 * @returns each sample in 16 bits, full scale at −1 … 1 of what the network sees
 * @throws QuantizeError "quantize/amplitude" for louder sound
 */
export async function soundSamples(dataset: Dataset): Promise<readonly Int16Array[]> {
  const { length, dtype, shape, preprocessing } = dataset;
  const size = elementCount(shape);
  const stored = allocate(dtype, length * size);
  await dataset.gather(
    Int32Array.from({ length }, (_, index) => index),
    stored,
  );
  const real = Float64Array.from(stored, (x) => x * preprocessing.scale + preprocessing.offset);
  const top = real.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (top > 1 + 2 ** -15)
    throw new QuantizeError("quantize/amplitude", {
      where: dataset.name,
      rule: "sound must be within −1 … 1 after preprocessing, where the front end's 16 bits end",
      got: top.toPrecision(4),
      fix: "Train with preprocessing: {scale: 1/32768, offset: 0} on samples of 16 bits",
    });
  const pcm = Int16Array.from(real, (x) =>
    Math.min(32_767, Math.max(-32_768, Math.round(32_768 * x))),
  );
  return Array.from({ length }, (_, at) => pcm.subarray(at * size, (at + 1) * size));
}

/** What the integer front end made of sound, beside the graph's own layer. */
export interface HeardSound {
  /** int8 [1, frames, mels] of each sample, as the C computes them */
  readonly samples: readonly Int8Array[];
  /** features in all, and how many differ from the graph's, by 1 step */
  readonly features: number;
  readonly different: number;
}

/**
 * Runs sound through the front end and, rounded to the same 16 bits, through the model's own first
 * layer.
 *
 * @throws ExportError "export/front-end" if any feature is more than 1 int8 step off
 */
export async function heardSound(
  runtime: Runtime,
  { model, graph, frontEnd }: { model: SoundModel; graph: QuantizedGraph; frontEnd: FrontEnd },
  dataset: Dataset,
): Promise<HeardSound> {
  const sound = await soundSamples(dataset);
  const samples = sound.map((pcm) => runFrontEnd(frontEnd, pcm));
  const rounded = arrayDataset({
    ...{ name: dataset.name, dtype: "float32" as const, shape: dataset.shape },
    data: Float32Array.from(
      sound.flatMap((pcm) => [...pcm]),
      (x) => x / 32_768,
    ),
    ...{ labels: dataset.labels, classNames: dataset.classNames },
  });
  const { preprocessing, dtype, shape } = rounded;
  const same = { ...model, preprocessing, sample: { dtype, shape } };
  const features = await logMelFeatures(runtime, same, rounded);
  const real = new Float32Array(features.length * elementCount(features.shape));
  await features.gather(
    Int32Array.from({ length: features.length }, (_, index) => index),
    real,
  );
  const expected = quantizeSamples(real, graph.sample, graph.tensors[graph.input]!);
  return { samples, ...compared(samples, expected) };
}

function compared(samples: readonly Int8Array[], expected: Int8Array) {
  let [at, different, worst] = [0, 0, 0];
  for (const sample of samples)
    for (const q of sample) {
      const gap = Math.abs(q - expected[at++]!); // as many: the layer's own frames
      worst = Math.max(worst, gap);
      if (gap > 0) different++;
    }
  if (worst <= 1) return { features: at, different };
  throw new ExportError("export/front-end", {
    where: "potstill export",
    rule: "the front end in integers must be within 1 step of the network's own log-mel features",
    got: `${worst} steps`,
    fix: "Calibrate on sound that is as loud as what it will hear; else please report it",
    details: { worst },
  });
}

/** @throws ConfigError "config/conflict" if a network of sound should train on its int8 grid */
export function assertNoGrid({ layers, name }: Network): void {
  if (layers[0]?.layer.kind !== "log mel") return;
  throw new ConfigError("config/conflict", {
    where: name,
    rule: "quantisation-aware training starts at a network's input, which here is sound",
    got: "a network that begins with logMel",
    fix: "Leave quantizationAware out, or train on log-mel frames (source: frames)",
  });
}
