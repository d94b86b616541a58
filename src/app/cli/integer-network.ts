/**
 * @file The integer network of an export, with the samples that it is checked on: of the model
 * itself, or of a model of sound from its log-mel features on.
 */

import type { Dataset, Hearing } from "../../data/index.ts";
import type { CalibrationMethod, QuantizedGraph } from "../../device/quantize/index.ts";
import {
  frontEndOf,
  heardSound,
  isSoundModel,
  logMelFeatures,
  quantizeAfterLogMel,
  type SoundModel,
} from "../../distill/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { showShape } from "../../engine/tensor/index.ts";
import { showPercent } from "./event-text.ts";
import type { ExportSource } from "./export-source.ts";
import type { IntegerFormat } from "./integer-targets.ts";
import { type ExportedFrontEnd, soundFrontEnd, speechFrontEnd } from "./mcu/front-end-program.ts";
import { quantizedSamples } from "./quantized-samples.ts";

export interface IntegerNetworkRequest {
  readonly runtime: Runtime;
  readonly method: CalibrationMethod;
  readonly perChannelDense: boolean;
  readonly data: {
    readonly calibration: Dataset;
    readonly check: Dataset;
    readonly hearing?: Hearing;
  };
  readonly format: IntegerFormat;
  readonly name: string;
}

export interface IntegerNetwork {
  readonly graph: QuantizedGraph;
  /** the check's, int8 and row-major */
  readonly samples: readonly Int8Array[];
  /** of networks that hear, as C */
  readonly exportedFrontEnd: ExportedFrontEnd | undefined;
  /** lines for people, the same for programs: where the network begins */
  readonly lines: readonly string[];
  readonly details: { readonly input?: "logMel"; readonly frontEndDifferent?: number };
}

export async function integerNetwork(
  source: ExportSource,
  request: IntegerNetworkRequest,
): Promise<IntegerNetwork> {
  const { model } = source;
  if (model !== undefined && isSoundModel(model)) return soundNetwork(model, request);
  const { data, format, name } = request;
  const graph = await source.quantized({ ...request, calibration: data.calibration });
  const samples = await quantizedSamples(graph, data.check);
  const exportedFrontEnd =
    format === "c" && data.hearing ? speechFrontEnd(data.hearing, graph, name) : undefined;
  return { graph, samples, exportedFrontEnd, lines: [], details: {} };
}

async function soundNetwork(
  model: SoundModel,
  request: IntegerNetworkRequest,
): Promise<IntegerNetwork> {
  const { runtime, data, format, name } = request;
  const graph = await quantizeAfterLogMel(model, { ...request, calibration: data.calibration });
  const details = { input: "logMel" } as const;
  if (format !== "c") {
    const features = await logMelFeatures(runtime, model, data.check);
    const samples = await quantizedSamples(graph, features);
    const shape = showShape(graph.tensors[graph.input]!.shape); // the graph's own
    const line = `the input is log-mel features ${shape}, not sound: no operator of ${format} computes them in int8 (--format c writes a front end that does)`;
    return { graph, samples, exportedFrontEnd: undefined, lines: [line], details };
  }
  const frontEnd = frontEndOf(model, graph);
  const heard = await heardSound(runtime, { model, graph, frontEnd }, data.check);
  const { samples, features, different } = heard;
  const line = `log-mel features in integers: ${showPercent(different / features)} of ${features} are 1 int8 step from the graph's, none is further`;
  const exportedFrontEnd = soundFrontEnd(frontEnd, name);
  return {
    graph,
    samples,
    exportedFrontEnd,
    lines: [line],
    details: { ...details, frontEndDifferent: different / features },
  };
}
