/** @file Pooling in C. */

import type { PoolLayer } from "../../../quantize/index.ts";
import { type CLowering, noScratch } from "../operation.ts";
import { windowBytes, windowDistance, windowText } from "./window.ts";

export const lowerPool: CLowering<PoolLayer> = ({ layer, from, to }, name, traits) => {
  const size = from[0]!; // a pool has one input
  const distance = windowDistance(layer, size, to, 1);
  const kernel = layer.kind === "maxPool" ? "max_pool" : "average_pool";
  return {
    kernels: [layer.kind],
    constants: `static const window ${name} = ${windowText(layer, size, to)};\n`,
    constantBytes: windowBytes(traits),
    call: ({ inputs, output }) => `${kernel}(&${name}, ${inputs[0]}, ${output});`,
    scratch: noScratch,
    overlaps: [{ portable: distance, dsp: distance }],
    macs: 0,
  };
};
