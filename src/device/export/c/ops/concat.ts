/** @file Joined channels in C: each operand's channels are copied into every pixel. */

import type { ConcatLayer } from "../../../quantize/index.ts";
import { type CLowering, noScratch } from "../operation.ts";

export const lowerConcat: CLowering<ConcatLayer> = ({ from, to }) => {
  const pixels = to.height * to.width;
  let start = 0;
  const copies = from.map(({ channels }) => {
    const at = start;
    start += channels;
    return { channels, at };
  });
  return {
    kernels: ["concat"],
    constants: "",
    constantBytes: 0,
    call: ({ inputs, output }) =>
      copies
        .map(({ channels, at }, index) => {
          const place = at === 0 ? output : `${output} + ${at}`;
          return `concat(${inputs[index]}, ${channels}, ${pixels}, ${place}, ${to.channels});`;
        })
        .join("\n  "),
    scratch: noScratch,
    overlaps: from.map(() => null),
    macs: 0,
  };
};
