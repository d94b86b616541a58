/**
 * @file A function of one element: its table read by GATHER at q + 128, which is exact in every
 * runtime; or HARD_SWISH where that is asked for and the table is just that.
 */

import type { LookupLayer, Quantization, QuantizedTensor } from "../../../quantize/index.ts";
import type { TfliteLowering } from "../lowering.ts";
import { type Network, oneScale } from "../network.ts";
import { activations, tensorTypes } from "../schema.ts";

export const lowerLookup: TfliteLowering<LookupLayer> = (step, network) => {
  const { layer, inputs, output, inputTensors, outputTensor } = step;
  const shape = network.shapeOf(inputs[0]!);
  const x = network.operand(inputs[0]!, shape);
  if (network.namedFunctions && isHardSwish(layer.table, inputTensors[0]!, outputTensor)) {
    const to = network.result(output, shape);
    network.operate("HARD_SWISH", [x], to, { type: "HardSwishOptions", table: {} });
    return;
  }
  writeGather(network, layer, x, network.result(output, shape), outputTensor);
};

function writeGather(
  network: Network,
  { name, table }: LookupLayer,
  x: number,
  to: number,
  outputTensor: QuantizedTensor,
): void {
  const { shape } = network.tensors[x]!;
  const integers = (part: string): number =>
    network.tensor({ name: `${name}/${part}`, type: "int32", shape });
  const [wide, index] = [integers("int32"), integers("index")];
  const offset = network.tensor({
    name: `${name}/offset`,
    type: "int32",
    shape: [1],
    data: Int32Array.of(128),
  });
  const values = network.tensor({
    name: `${name}/table`,
    type: "int8",
    shape: [256],
    scales: oneScale(outputTensor),
    data: table,
  });
  const types = { inputType: tensorTypes.int8, outputType: tensorTypes.int32 };
  network.operate("CAST", [x], wide, { type: "CastOptions", table: types });
  const add = { type: "AddOptions", table: { activation: activations.none } } as const;
  network.operate("ADD", [wide, offset], index, add);
  network.operate("GATHER", [values, index], to, { type: "GatherOptions", table: { axis: 0 } });
}

/** @returns whether the table is x · min(max(x + 3, 0), 6) / 6, rounded */
function isHardSwish(table: Int8Array, from: Quantization, to: Quantization): boolean {
  return table.every((y, at) => {
    const x = from.scale * (at - 128 - from.zeroPoint);
    const real = (x * Math.min(Math.max(x + 3, 0), 6)) / 6;
    const exact = Math.min(127, Math.max(-128, real / to.scale + to.zeroPoint));
    return Math.abs(exact - y) <= 0.5 + 1e-4; // the float graph may divide elsewhere
  });
}
