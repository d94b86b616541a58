/** @file An image in the other order, in C. */

import type { TransposeLayer } from "../../channels-last/channels-last.ts";
import { type CLowering, noScratch } from "../operation.ts";

export const lowerTranspose: CLowering<TransposeLayer> = ({ layer: { rows, columns } }) => ({
  kernels: ["transpose"],
  constants: "",
  constantBytes: 0,
  call: ({ inputs, output }) => `transpose(${inputs[0]}, ${rows}, ${columns}, ${output});`,
  scratch: noScratch,
  overlaps: [null],
  macs: 0,
});
