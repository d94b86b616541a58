/**
 * @file Layers in C that go over the elements: addition, tables, change of scale, softmax, largest.
 */

import {
  type AddLayer,
  type ArgMaxLayer,
  addMultipliers,
  type LookupLayer,
  quantizeMultiplier,
  type RequantizeLayer,
  type SoftmaxLayer,
  softmaxConstants,
} from "../../../quantize/index.ts";
import { constantArray } from "../c-text.ts";
import { type CLowering, inPlace, noScratch, noTables } from "../operation.ts";

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

export const lowerArgMax: CLowering<ArgMaxLayer> = ({ from }) => {
  const { channels, height, width } = from[0]!; // argMax has one input
  return {
    kernels: ["argMax"],
    ...noTables,
    call: ({ inputs, output }) => `arg_max(${inputs[0]}, ${channels * height * width}, ${output});`,
    overlaps: [null],
  };
};

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

export const lowerSoftmax: CLowering<SoftmaxLayer> = ({ inputTensors, to }) => {
  const count = to.channels * to.height * to.width;
  const { multiplier, shift, smallestDifference } = softmaxConstants(inputTensors[0]!.scale);
  const numbers = [count, multiplier, shift, smallestDifference].join(", ");
  return {
    kernels: ["softmax"],
    ...noTables,
    call: ({ inputs, output }) => `softmax(${inputs[0]}, ${numbers}, ${output});`,
    overlaps: [inPlace],
  };
};
