/**
 * @file Dense layers and convolutions in integers:
 * acc = bias + Σ (x − zeroPoint) · w, y = clamp(acc · M + zeroPoint′).
 */

import type {
  Conv2dLayer,
  DenseLayer,
  DepthwiseConv2dLayer,
  WeightedLayer,
} from "../quantized-graph.ts";
import { quantizeMultiplier, scaleAccumulator } from "../rounding.ts";
import { forEachTap, imageOf } from "./image.ts";
import type { LayerRun } from "./layer-run.ts";

/** @returns accumulator and channel → int8 output */
function finisher({ layer, inputTensors, outputTensor, rounding }: LayerRun<WeightedLayer>) {
  const fixed = Array.from(layer.multipliers, quantizeMultiplier);
  const input = inputTensors[0]!; // weighted layers have one input
  // XNNPACK's and ONNX Runtime's multipliers are a product and a quotient of float32
  const reals =
    rounding === "xnnpack" || rounding === "onnxruntime"
      ? layer.weightScales.map((scale) => Math.fround(input.scale * scale) / outputTensor.scale)
      : layer.multipliers;
  const one = fixed.length === 1;
  const { min, max } = layer.clamp;
  return (acc: number, channel: number): number => {
    const at = one ? 0 : channel;
    const scaled = scaleAccumulator(acc, reals[at]!, fixed[at]!, rounding);
    return Math.min(max, Math.max(min, scaled + outputTensor.zeroPoint));
  };
}

export function runDense(run: LayerRun<DenseLayer>): Int8Array {
  const { weights, bias } = run.layer;
  const x = run.inputs[0]!;
  const { zeroPoint } = run.inputTensors[0]!;
  const finish = finisher(run);
  return Int8Array.from(bias, (start, o) => {
    let acc = start;
    for (let i = 0; i < x.length; i++) acc += (x[i]! - zeroPoint) * weights[o * x.length + i]!;
    return finish(acc, o);
  });
}

export function runConv2d(run: LayerRun<Conv2dLayer>): Int8Array {
  const { layer, outputTensor } = run;
  const x = run.inputs[0]!;
  const { zeroPoint } = run.inputTensors[0]!;
  const from = imageOf(run.inputTensors[0]!.shape);
  const to = imageOf(outputTensor.shape);
  const finish = finisher(run);
  const taps = layer.kernel[0] * layer.kernel[1];
  const plane = from.height * from.width;
  const y = new Int8Array(to.channels * to.height * to.width);
  for (let o = 0, at = 0; o < to.channels; o++)
    for (let i = 0; i < to.height; i++)
      for (let j = 0; j < to.width; j++, at++) {
        let acc = layer.bias[o]!;
        forEachTap(layer, from, [i, j], (pixel, tap) => {
          for (let c = 0; c < from.channels; c++)
            acc +=
              (x[c * plane + pixel]! - zeroPoint) *
              layer.weights[(o * from.channels + c) * taps + tap]!;
        });
        y[at] = finish(acc, o);
      }
  return y;
}

export function runDepthwiseConv2d(run: LayerRun<DepthwiseConv2dLayer>): Int8Array {
  const { layer, outputTensor } = run;
  const x = run.inputs[0]!;
  const { zeroPoint } = run.inputTensors[0]!;
  const from = imageOf(run.inputTensors[0]!.shape);
  const to = imageOf(outputTensor.shape);
  const finish = finisher(run);
  const taps = layer.kernel[0] * layer.kernel[1];
  const plane = from.height * from.width;
  const perInput = to.channels / from.channels;
  const y = new Int8Array(to.channels * to.height * to.width);
  for (let o = 0, at = 0; o < to.channels; o++) {
    const start = Math.floor(o / perInput) * plane;
    for (let i = 0; i < to.height; i++)
      for (let j = 0; j < to.width; j++, at++) {
        let acc = layer.bias[o]!;
        forEachTap(layer, from, [i, j], (pixel, tap) => {
          acc += (x[start + pixel]! - zeroPoint) * layer.weights[o * taps + tap]!;
        });
        y[at] = finish(acc, o);
      }
  }
  return y;
}
