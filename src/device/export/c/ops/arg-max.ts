/** @file The largest element's index in C. */

import type { ArgMaxLayer } from "../../../quantize/index.ts";
import { type CLowering, noScratch } from "../operation.ts";

export const lowerArgMax: CLowering<ArgMaxLayer> = ({ from }) => {
  const { channels, height, width } = from[0]!; // argMax has one input
  return {
    kernels: ["argMax"],
    constants: "",
    constantBytes: 0,
    call: ({ inputs, output }) => `arg_max(${inputs[0]}, ${channels * height * width}, ${output});`,
    scratch: noScratch,
    overlaps: [null],
    macs: 0,
  };
};
