/** @file Depthwise convolutions in C. */

import type { DepthwiseConv2dLayer } from "../../../quantize/index.ts";
import { cmsisNnDepthwiseBytes } from "../cmsis-nn-memory.ts";
import type { CLowering } from "../operation.ts";
import { weightedText } from "./weighted.ts";
import { assertFits, rowDistance, windowBytes, windowDistance, windowText } from "./window.ts";

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
