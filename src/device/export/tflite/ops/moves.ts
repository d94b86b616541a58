/** @file Layers that move elements: CONCATENATION, GATHER of positions, TRANSPOSE. */

import type { ConcatLayer, SliceLayer } from "../../../quantize/index.ts";
import type { TransposeLayer } from "../../channels-last/channels-last.ts";
import { imageShape, type TfliteLowering } from "../lowering.ts";

export const lowerConcat: TfliteLowering<ConcatLayer> = ({ inputs, output, from, to }, network) => {
  const parts = inputs.map((storage, index) => network.operand(storage, imageShape(from[index]!)));
  network.operate("CONCATENATION", parts, network.result(output, imageShape(to)), {
    type: "ConcatenationOptions",
    table: { axis: 3 },
  });
};

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
