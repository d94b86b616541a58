/** @file What a student takes of a microcontroller, known before it is trained. */

import { exportC } from "../../export/index.ts";
import { initialParameters } from "../../nn/index.ts";
import { observedValues, planLayers, quantizePlan } from "../../quantize/index.ts";
import { inferenceGraph, type Model, networkOf } from "../../train/index.ts";

export interface Footprint {
  /** tables of weights and scales, exactly as the exported C has them */
  readonly constantBytes: number;
  /** planned for the export's kernels: portable C, or with SMLAD */
  readonly arenaBytes: { readonly portable: number; readonly dsp: number };
  /** multiply-accumulates for one sample */
  readonly macs: number;
}

/**
 * Plans the int8 network with starting weights and made-up ranges: sizes do not depend on them.
 *
 * @throws QuantizeError "quantize/unsupported" for a network that has no int8 form
 */
export function footprintOf(about: Omit<Model, "weights">): Footprint {
  const network = networkOf(about);
  const weights = initialParameters(network.parameters, 1);
  const { sample, preprocessing } = about;
  const plan = planLayers(
    inferenceGraph({ network, sample, preprocessing, batchSize: 1, weights }),
  );
  const ranges = new Map(observedValues(plan).map((value) => [value, { min: -4, max: 4 }]));
  const { constantBytes, arenaBytes, macs } = exportC(quantizePlan(plan, ranges));
  return { constantBytes, arenaBytes, macs };
}
