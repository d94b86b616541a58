/** @file Layers over the elements: ADD, ARG_MAX, GATHER or HARD_SWISH, QUANTIZE, SOFTMAX. */

import type {
  AddLayer,
  ArgMaxLayer,
  LookupLayer,
  Quantization,
  QuantizedTensor,
  RequantizeLayer,
  SoftmaxLayer,
} from "../../../quantize/index.ts";
import { activationFor, clamped, writeClamp } from "../clamp.ts";
import { imageShape, rowShape, type TfliteLowering } from "../lowering.ts";
import { type Network, oneScale } from "../network.ts";
import { activations, tensorTypes } from "../schema.ts";

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

export const lowerRequantize: TfliteLowering<RequantizeLayer> = (step, network) => {
  const { layer, inputs, output, inputTensors, outputTensor } = step;
  const from = inputTensors[0]!; // it has one input
  const shape = network.shapeOf(inputs[0]!);
  const activation = activationFor(layer.clamp, outputTensor);
  const isSameScale =
    from.scale === outputTensor.scale && from.zeroPoint === outputTensor.zeroPoint;
  let x = network.operand(inputs[0]!, shape);
  if (!isSameScale || activation === activations.none) {
    const isLast = activation === activations.none;
    const name = `${layer.name} requantized`;
    const to = isLast
      ? network.result(output, shape)
      : network.tensor({ name, type: "int8", shape, scales: oneScale(outputTensor) });
    network.operate("QUANTIZE", [x], to, { type: "QuantizeOptions", table: {} });
    if (isLast) return;
    x = to;
  }
  writeClamp(network, layer.clamp, outputTensor, x, network.result(output, shape));
};

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
