/** @file A function of one element in C: a table of 256 bytes. */

import type { LookupLayer } from "../../../quantize/index.ts";
import { constantArray } from "../c-text.ts";
import { type CLowering, inPlace, noScratch } from "../operation.ts";

export const lowerLookup: CLowering<LookupLayer> = ({ layer, to }, name) => {
  const count = to.channels * to.height * to.width;
  return {
    kernels: ["lookup"],
    constants: constantArray("int8_t", name, layer.table),
    constantBytes: 256,
    call: ({ inputs, output }) => `lookup(${name}, ${count}, ${inputs[0]}, ${output});`,
    scratch: noScratch,
    overlaps: [inPlace],
    macs: 0,
  };
};
