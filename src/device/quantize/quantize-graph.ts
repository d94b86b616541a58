/**
 * @file Post-training quantisation: float graph and calibration samples in, integer network out.
 */

import type { Graph } from "../../engine/graph/index.ts";
import { type CalibrationOptions, calibrate } from "./calibrate.ts";
import { planLayers } from "./lowering/plan.ts";
import { assertQuantizeOptions, type QuantizeOptions, quantizePlan } from "./quantize-plan.ts";
import type { QuantizedGraph } from "./quantized-graph.ts";

/**
 * Brings a float network to int8: activations int8 with a scale and zero point per tensor, weights
 * symmetric int8 per output channel (dense: per tensor unless asked), biases int32, batch
 * normalisation folded, activations fused.
 *
 * @param graph samples → one output, batch 1, weights as constants
 * @throws QuantizeError "quantize/..." naming the layer, the rule, and what to do; ConfigError
 *   "config/range", "config/unknown-name" for options, before the runtime is asked
 * @see Jacob et al. (2018), Quantization and Training of Neural Networks for Efficient
 *   Integer-Arithmetic-Only Inference, arXiv:1712.05877
 */
export async function quantizeGraph(
  graph: Graph,
  options: CalibrationOptions & QuantizeOptions,
): Promise<QuantizedGraph> {
  assertQuantizeOptions(options);
  const plan = planLayers(graph);
  return quantizePlan(plan, await calibrate(plan, options), options);
}
