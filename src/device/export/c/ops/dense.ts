/** @file Dense layers in C. */

import type { DenseLayer } from "../../../quantize/index.ts";
import type { CLowering } from "../operation.ts";
import { weightedText } from "./weighted.ts";

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
