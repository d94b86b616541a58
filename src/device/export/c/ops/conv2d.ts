/** @file Convolutions in C. */

import type { Conv2dLayer } from "../../../quantize/index.ts";
import { cmsisNnConvolutionBytes } from "../cmsis-nn-memory.ts";
import type { CLowering } from "../operation.ts";
import { weightedText } from "./weighted.ts";
import { windowBytes, windowDistance, windowText } from "./window.ts";

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
