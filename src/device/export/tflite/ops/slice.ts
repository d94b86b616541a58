/** @file Positions of a sequence: GATHER along its first axis. */

import type { SliceLayer } from "../../../quantize/index.ts";
import type { TfliteLowering } from "../lowering.ts";

export const lowerSlice: TfliteLowering<SliceLayer> = (
  { layer: { name, start }, inputs, inputTensors, output, outputTensor },
  network,
) => {
  const [, positions, features] = inputTensors[0]!.shape as readonly [number, number, number]; // a sequence
  const count = outputTensor.shape[1]!;
  const from = network.operand(inputs[0]!, [positions, features]);
  const indices = network.tensor({
    name: `${name}/positions`,
    type: "int32",
    shape: [count],
    data: Int32Array.from({ length: count }, (_, i) => start / features + i),
  });
  const to = network.result(output, [count, features]);
  network.operate("GATHER", [from, indices], to, { type: "GatherOptions", table: { axis: 0 } });
};
