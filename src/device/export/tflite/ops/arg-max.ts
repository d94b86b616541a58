/** @file ARG_MAX: the index of the first largest element. */

import type { ArgMaxLayer } from "../../../quantize/index.ts";
import { rowShape, type TfliteLowering } from "../lowering.ts";
import { tensorTypes } from "../schema.ts";

export const lowerArgMax: TfliteLowering<ArgMaxLayer> = (
  { layer, inputs, output, inputTensors },
  network,
) => {
  const logits = network.operand(inputs[0]!, rowShape(inputTensors[0]!.shape));
  const axis = network.tensor({
    name: `${layer.name}/axis`,
    type: "int32",
    shape: [],
    data: Int32Array.of(1),
  });
  network.operate("ARG_MAX", [logits, axis], network.result(output, [1]), {
    type: "ArgMaxOptions",
    table: { outputType: tensorTypes.int32 },
  });
};
