/** @file TRANSPOSE: an image in the other order, for a reshape that is no flattening. */

import type { TransposeLayer } from "../../channels-last/channels-last.ts";
import type { TfliteLowering } from "../lowering.ts";

export const lowerTranspose: TfliteLowering<TransposeLayer> = (
  { layer: { name, rows, columns }, inputs, output },
  network,
) => {
  const from = network.operand(inputs[0]!, [rows, columns]);
  const order = network.tensor({
    name: `${name}/order`,
    type: "int32",
    shape: [2],
    data: Int32Array.of(1, 0),
  });
  const to = network.result(output, [columns, rows]);
  network.operate("TRANSPOSE", [from, order], to, { type: "TransposeOptions", table: {} });
};
