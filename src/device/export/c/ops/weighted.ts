/**
 * @file Layers with weights in C: their tables, the struct that points to them, and their calls.
 */

import {
  type Conv2dLayer,
  type DenseLayer,
  type DepthwiseConv2dLayer,
  quantizeMultiplier,
  type WeightedLayer,
} from "../../../quantize/index.ts";
import type { Step } from "../../channels-last/channels-last.ts";
import { constantArray, integer } from "../c-text.ts";
import { cmsisNnConvolutionBytes, cmsisNnDepthwiseBytes } from "../cmsis-nn-memory.ts";
import type { KernelTraits } from "../kernels/scale.ts";
import type { CLowering } from "../operation.ts";
import { assertFits, rowDistance, windowBytes, windowDistance, windowText } from "./window.ts";

interface WeightedText {
  readonly constants: string;
  /** initialiser of a `weighted` */
  readonly initializer: string;
  readonly bytes: number;
}

/**
 * @param foldZeroPoint the kernel multiplies raw inputs: bias[o] takes −zeroPoint · Σ w[o]
 */
export function weightedText(
  { layer, inputTensors, outputTensor }: Step<WeightedLayer>,
  name: string,
  foldZeroPoint: boolean,
  { sharedMultipliers }: KernelTraits,
): WeightedText {
  const { weights, bias, multipliers, clamp } = layer;
  const { zeroPoint } = inputTensors[0]!; // weighted layers have one input
  const taps = weights.length / bias.length;
  const folded = bias.map((own, o) => {
    const row = weights.subarray(o * taps, (o + 1) * taps);
    return foldZeroPoint ? own - zeroPoint * row.reduce((sum, weight) => sum + weight, 0) : own;
  });
  const fixed = Array.from(multipliers, quantizeMultiplier);
  const each = multipliers.length > 1 ? -1 : 0;
  // whole words are loaded: the last row may be read three bytes past its end
  const shared = sharedMultipliers ? fixed[0]! : undefined; // there is at least one
  const pointers = ["weights", "bias", ...(shared ? [] : ["multipliers", "shifts"])];
  const rounding = 1 + 2 * outputTensor.zeroPoint;
  const numbers = [
    ...(shared ? [shared.multiplier] : []),
    ...[taps, bias.length, rounding, shared ? -shared.shift - 1 : each],
    ...[zeroPoint, clamp.min, clamp.max],
  ];
  const tables = [
    constantArray("int8_t", `${name}_weights`, weights, 3),
    constantArray("int32_t", `${name}_bias`, folded),
  ];
  const perOutput = [
    constantArray(
      "int32_t",
      `${name}_multipliers`,
      fixed.map(({ multiplier }) => multiplier),
    ),
    constantArray(
      "int8_t",
      `${name}_shifts`,
      fixed.map(({ shift }) => -shift - 1),
    ),
  ];
  const constants = [...tables, ...(shared ? [] : perOutput)].join("");
  const parts = [...pointers.map((part) => `${name}_${part}`), ...numbers.map(integer)];
  return {
    constants,
    initializer: `{${parts.join(", ")}}`,
    bytes: weights.length + 3 + 4 * bias.length + (shared ? 28 : 5 * fixed.length + 32),
  };
}

export const lowerConv2d: CLowering<Conv2dLayer> = (step, name, traits) => {
  const { layer, to } = step;
  const from = step.from[0]!; // a convolution has one input
  const { constants, initializer, bytes } = weightedText(step, name, true, traits);
  const taps = layer.weights.length / layer.bias.length;
  const cmsisNnBytes = cmsisNnConvolutionBytes(taps, layer.bias.length);
  const words = Math.ceil(taps / 4);
  const table = `{${initializer}, ${windowText(layer, from, to)}}`;
  return {
    kernels: ["conv2d", "cmsisNnConv2d"],
    constants: `${constants}static const conv2d_layer ${name} = ${table};\n`,
    constantBytes: bytes + windowBytes(traits),
    call: ({ inputs, output, scratch }) => `conv2d(&${name}, ${inputs[0]}, ${output}, ${scratch});`,
    cmsisNn: {
      scratchBytes: cmsisNnBytes,
      call: ({ inputs, output, scratch }) =>
        `cmsis_conv2d(&${name}, ${inputs[0]}, ${output}, ${scratch}, ${cmsisNnBytes});`,
    },
    scratch: { portable: taps, dsp: 32 * words + taps },
    overlaps: [
      { portable: windowDistance(layer, from, to, 1), dsp: windowDistance(layer, from, to, 1) },
    ],
    macs: layer.weights.length * to.height * to.width,
  };
};

export const lowerDepthwiseConv2d: CLowering<DepthwiseConv2dLayer> = (step, name, traits) => {
  const { layer, to } = step;
  const from = step.from[0]!; // a convolution has one input
  const { constants, initializer, bytes } = weightedText(step, name, false, traits);
  const taps = layer.kernel[0] * layer.kernel[1];
  const cmsisNnBytes = cmsisNnDepthwiseBytes(taps, from.channels, to.channels);
  const perInput = to.channels / from.channels;
  assertFits(layer.name, { "depth multiplier": perInput });
  const table = `{${initializer}, ${windowText(layer, from, to)}, ${perInput}}`;
  // a pixel's channels are written while later channels of the same windows are still to be read
  const distance = windowDistance(layer, from, to, 1) + to.channels;
  return {
    kernels: ["depthwiseConv2d", "cmsisNnDepthwise"],
    constants: `${constants}static const depthwise_layer ${name} = ${table};\n`,
    constantBytes: bytes + windowBytes(traits) + 2,
    call: ({ inputs, output }) => `depthwise_conv2d(&${name}, ${inputs[0]}, ${output});`,
    cmsisNn: {
      scratchBytes: cmsisNnBytes,
      call: ({ inputs, output, scratch }) =>
        `cmsis_depthwise_conv2d(&${name}, ${inputs[0]}, ${output}, ${scratch}, ${cmsisNnBytes});`,
    },
    scratch: { portable: 0, dsp: 0 },
    overlaps: [{ portable: distance, dsp: Math.max(distance, rowDistance(layer, from, to)) }],
    macs: layer.weights.length * to.height * to.width,
  };
};

export const lowerDense: CLowering<DenseLayer> = (step, name, traits) => {
  const { constants, initializer, bytes } = weightedText(step, name, true, traits);
  const { weights, bias } = step.layer;
  const isShared = step.layer.multipliers.length === 1; // older CMSIS-NN takes no others
  const taps = weights.length / bias.length;
  return {
    kernels: ["dense", ...(isShared ? (["cmsisNnDense"] as const) : [])],
    constants: `${constants}static const weighted ${name} = ${initializer};\n`,
    constantBytes: bytes,
    call: ({ inputs, output, scratch }) => `dense(&${name}, ${inputs[0]}, ${output}, ${scratch});`,
    ...(isShared && {
      cmsisNn: {
        scratchBytes: 0,
        call: ({ inputs, output, scratch }) =>
          `cmsis_dense(&${name}, ${inputs[0]}, ${output}, ${scratch});`,
      },
    }),
    scratch: { portable: 0, dsp: 8 * Math.ceil(taps / 4) },
    // the portable loop reads every input for every output; the other one spreads them first
    overlaps: [null],
    macs: weights.length,
  };
};
