/** @file ADD. */

import type { AddLayer } from "../../../quantize/index.ts";
import { clamped } from "../clamp.ts";
import { imageShape, rowShape, type TfliteLowering } from "../lowering.ts";

export const lowerAdd: TfliteLowering<AddLayer> = (
  { layer, inputs, output, outputTensor, to },
  network,
) => {
  const isRow = outputTensor.shape.length === 1;
  const shape = isRow ? rowShape(outputTensor.shape) : imageShape(to);
  const terms = inputs.map((storage) => network.operand(storage, shape));
  const target = clamped(network, layer.clamp, outputTensor, output, shape);
  network.operate("ADD", terms, target.output, {
    type: "AddOptions",
    table: { activation: target.activation },
  });
  target.finish();
};
