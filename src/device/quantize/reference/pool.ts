/**
 * @file Pooling in integers. The mean is (sum ± n / 2) / n in truncating division, the sign that of
 * the sum: halves away from zero, for every rounding.
 */

import type { PoolLayer } from "../quantized-graph.ts";
import { forEachTap, imageOf } from "./image.ts";
import type { LayerRun } from "./layer-run.ts";

export function runPool({
  layer,
  inputs,
  inputTensors,
  outputTensor,
}: LayerRun<PoolLayer>): Int8Array {
  const x = inputs[0]!;
  const from = imageOf(inputTensors[0]!.shape);
  const to = imageOf(outputTensor.shape);
  const plane = from.height * from.width;
  const { min, max } = layer.clamp;
  const y = new Int8Array(to.channels * to.height * to.width);
  for (let c = 0, at = 0; c < to.channels; c++)
    for (let i = 0; i < to.height; i++)
      for (let j = 0; j < to.width; j++, at++) {
        let [sum, largest, n] = [0, -128, 0];
        forEachTap(layer, from, [i, j], (pixel) => {
          const value = x[c * plane + pixel]!;
          sum += value;
          n += 1;
          if (value > largest) largest = value;
        });
        const half = Math.trunc(n / 2);
        const mean = Math.trunc((sum > 0 ? sum + half : sum - half) / n);
        y[at] = Math.min(max, Math.max(min, layer.kind === "maxPool" ? largest : mean));
      }
  return y;
}
