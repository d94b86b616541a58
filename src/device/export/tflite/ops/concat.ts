/** @file CONCATENATION of channels, which lie last. */

import type { ConcatLayer } from "../../../quantize/index.ts";
import { imageShape, type TfliteLowering } from "../lowering.ts";

export const lowerConcat: TfliteLowering<ConcatLayer> = ({ inputs, output, from, to }, network) => {
  const parts = inputs.map((storage, index) => network.operand(storage, imageShape(from[index]!)));
  network.operate("CONCATENATION", parts, network.result(output, imageShape(to)), {
    type: "ConcatenationOptions",
    table: { axis: 3 },
  });
};
