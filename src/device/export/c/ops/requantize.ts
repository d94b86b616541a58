/** @file A change of scale, or a clamp that stands alone, in C. */

import { quantizeMultiplier, type RequantizeLayer } from "../../../quantize/index.ts";
import { type CLowering, inPlace, noScratch } from "../operation.ts";

export const lowerRequantize: CLowering<RequantizeLayer> = (step, name) => {
  const { layer, inputTensors, outputTensor, to } = step;
  const { multiplier, shift } = quantizeMultiplier(layer.multiplier);
  const { min, max } = layer.clamp;
  const zeros = [inputTensors[0]!.zeroPoint, outputTensor.zeroPoint];
  const numbers = [to.channels * to.height * to.width, multiplier, -shift, ...zeros, min, max];
  return {
    kernels: ["requantize"],
    constants: `static const requantize_layer ${name} = {${numbers.join(", ")}};\n`,
    constantBytes: 16,
    call: ({ inputs, output }) => `requantize(&${name}, ${inputs[0]}, ${output});`,
    scratch: noScratch,
    overlaps: [inPlace],
    macs: 0,
  };
};
