/** @file What a student takes of a microcontroller, known before it is trained. */

import { exportC, exportFrontEnd, type FrontEndFiles } from "../../device/export/index.ts";
import { observedValues, planLayers, quantizePlan } from "../../device/quantize/index.ts";
import { initialParameters } from "../../engine/nn/index.ts";
import { inferenceGraph } from "../../engine/train/index.ts";
import { frontEndOf, isSoundModel, modelAfterLogMel } from "../sound-model.ts";
import { type Model, networkOf } from "../training/model-file.ts";

export interface Footprint {
  /** tables of weights and scales, exactly as the exported C has them */
  readonly constantBytes: number;
  /** planned for the export's kernels: portable C, or with SMLAD */
  readonly arenaBytes: { readonly portable: number; readonly dsp: number };
  /** multiply-accumulates for one sample */
  readonly macs: number;
  /** of a network of sound: its front end's tables, what it keeps, and what a call works on */
  readonly frontEnd?: Omit<FrontEndFiles, "files">;
}

/**
 * Plans the int8 network with starting weights and made-up ranges: sizes do not depend on them. Of
 * a network of sound, the part behind its log-mel features, and the front end beside it.
 *
 * @throws QuantizeError "quantize/unsupported" for a network that has no int8 form; ConfigError
 *   "front-end/..." for log-mel features that have no integer form
 */
export function footprintOf(model: Omit<Model, "weights">): Footprint {
  const given = { ...model, weights: new Map() };
  const isSound = isSoundModel(given);
  const about = isSound ? modelAfterLogMel(given) : given;
  const network = networkOf(about);
  const weights = initialParameters(network.parameters, 1);
  const { sample, preprocessing } = about;
  const plan = planLayers(
    inferenceGraph({ network, sample, preprocessing, batchSize: 1, weights }),
  );
  const ranges = new Map(observedValues(plan).map((value) => [value, { min: -4, max: 4 }]));
  const graph = quantizePlan(plan, ranges);
  const { constantBytes, arenaBytes, macs } = exportC(graph);
  const sizes = { constantBytes, arenaBytes, macs };
  if (!isSound) return sizes;
  const { files: _, ...frontEnd } = exportFrontEnd(frontEndOf(given, graph), "student");
  return { ...sizes, frontEnd };
}
