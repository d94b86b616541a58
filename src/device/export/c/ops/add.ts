/** @file Addition of two tensors in C. */

import { type AddLayer, addMultipliers, quantizeMultiplier } from "../../../quantize/index.ts";
import { type CLowering, inPlace, noScratch } from "../operation.ts";

export const lowerAdd: CLowering<AddLayer> = ({ layer, inputTensors, outputTensor, to }, name) => {
  const [first, second] = [inputTensors[0]!, inputTensors[1]!];
  const multipliers = addMultipliers(first.scale, second.scale, outputTensor.scale);
  const fixed = [...multipliers.inputs, multipliers.output].map(quantizeMultiplier);
  const numbers = [
    to.channels * to.height * to.width,
    ...fixed.map(({ multiplier }) => multiplier),
    ...fixed.map(({ shift }) => -shift),
    ...[first.zeroPoint, second.zeroPoint, outputTensor.zeroPoint],
    ...[layer.clamp.min, layer.clamp.max],
  ];
  return {
    kernels: ["add"],
    constants: `static const add_layer ${name} = {${numbers.join(", ")}};\n`,
    constantBytes: 24,
    call: ({ inputs, output }) => `add(&${name}, ${inputs[0]}, ${inputs[1]}, ${output});`,
    scratch: noScratch,
    overlaps: [inPlace, inPlace],
    macs: 0,
  };
};
