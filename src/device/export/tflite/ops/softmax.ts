/** @file SOFTMAX over all elements. */

import type { SoftmaxLayer } from "../../../quantize/index.ts";
import { rowShape, type TfliteLowering } from "../lowering.ts";

export const lowerSoftmax: TfliteLowering<SoftmaxLayer> = (
  { inputs, output, outputTensor },
  network,
) => {
  const shape = rowShape(outputTensor.shape);
  const logits = network.operand(inputs[0]!, shape);
  network.operate("SOFTMAX", [logits], network.result(output, shape), {
    type: "SoftmaxOptions",
    table: { beta: 1 },
  });
};
