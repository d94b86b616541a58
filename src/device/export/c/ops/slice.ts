/** @file Positions of a sequence in C: a copy. */

import { elementCount } from "../../../../engine/tensor/index.ts";
import type { SliceLayer } from "../../../quantize/index.ts";
import { type CLowering, noScratch } from "../operation.ts";

export const lowerSlice: CLowering<SliceLayer> = ({ layer: { start }, outputTensor }) => ({
  kernels: ["slice"],
  constants: "",
  constantBytes: 0,
  call: ({ inputs, output }) => {
    const from = start === 0 ? inputs[0] : `${inputs[0]} + ${start}`;
    return `slice(${from}, ${elementCount(outputTensor.shape)}, ${output});`;
  },
  scratch: noScratch,
  overlaps: [null],
  macs: 0,
});
