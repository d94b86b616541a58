/** @file Softmax in C. */

import { type SoftmaxLayer, softmaxConstants } from "../../../quantize/index.ts";
import { type CLowering, inPlace, noScratch } from "../operation.ts";

export const lowerSoftmax: CLowering<SoftmaxLayer> = ({ inputTensors, to }) => {
  const count = to.channels * to.height * to.width;
  const { multiplier, shift, smallestDifference } = softmaxConstants(inputTensors[0]!.scale);
  const numbers = [count, multiplier, shift, smallestDifference].join(", ");
  return {
    kernels: ["softmax"],
    constants: "",
    constantBytes: 0,
    call: ({ inputs, output }) => `softmax(${inputs[0]}, ${numbers}, ${output});`,
    scratch: noScratch,
    overlaps: [inPlace],
    macs: 0,
  };
};
