/**
 * @file Layers in C that move elements: joined channels, positions of a sequence, the other order.
 */

import { elementCount } from "../../../../engine/tensor/index.ts";
import type { ConcatLayer, SliceLayer } from "../../../quantize/index.ts";
import type { TransposeLayer } from "../../channels-last/channels-last.ts";
import { type CLowering, noTables } from "../operation.ts";

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
    ...noTables,
    call: ({ inputs, output }) =>
      copies
        .map(({ channels, at }, index) => {
          const place = at === 0 ? output : `${output} + ${at}`;
          return `concat(${inputs[index]}, ${channels}, ${pixels}, ${place}, ${to.channels});`;
        })
        .join("\n  "),
    overlaps: from.map(() => null),
  };
};

export const lowerSlice: CLowering<SliceLayer> = ({ layer: { start }, outputTensor }) => ({
  kernels: ["slice"],
  ...noTables,
  call: ({ inputs, output }) => {
    const from = start === 0 ? inputs[0] : `${inputs[0]} + ${start}`;
    return `slice(${from}, ${elementCount(outputTensor.shape)}, ${output});`;
  },
  overlaps: [null],
});

export const lowerTranspose: CLowering<TransposeLayer> = ({ layer: { rows, columns } }) => ({
  kernels: ["transpose"],
  ...noTables,
  call: ({ inputs, output }) => `transpose(${inputs[0]}, ${rows}, ${columns}, ${output});`,
  overlaps: [null],
});
