/** @file Limits of a layer's output: fused as an activation, or as operators after it. */

import type { Shape } from "../../../engine/tensor/index.ts";
import {
  type ClampRange,
  clampRange,
  type Quantization,
  type QuantizedTensor,
} from "../../quantize/index.ts";
import { type Network, oneScale } from "./network.ts";
import { activations } from "./schema.ts";

const forms = [
  { activation: activations.none, limits: { min: -Infinity, max: Infinity } },
  { activation: activations.relu, limits: { min: 0, max: Infinity } },
  { activation: activations.relu6, limits: { min: 0, max: 6 } },
  { activation: activations.reluN1To1, limits: { min: -1, max: 1 } },
] as const;

/** @returns the activation that has these limits under this quantisation, or undefined */
export function activationFor(clamp: ClampRange, quantization: Quantization): number | undefined {
  return forms.find(({ limits }) => {
    const { min, max } = clampRange(limits, quantization);
    return min === clamp.min && max === clamp.max;
  })?.activation;
}

/** Where a layer with limits writes to, and the activation that its options get. */
interface Clamped {
  readonly output: number;
  readonly activation: number;
  /** to be called when the layer's operator is there */
  readonly finish: () => void;
}

/** @param shape of the output. @param storage that it is to hold */
export function clamped(
  network: Network,
  clamp: ClampRange,
  outputTensor: QuantizedTensor,
  storage: number,
  shape: Shape,
): Clamped {
  const activation = activationFor(clamp, outputTensor);
  if (activation !== undefined)
    return { output: network.result(storage, shape), activation, finish: () => {} };
  const open = network.tensor(unclamped(outputTensor, shape));
  return {
    output: open,
    activation: activations.none,
    finish: () => writeClamp(network, clamp, outputTensor, open, network.result(storage, shape)),
  };
}

function unclamped(tensor: QuantizedTensor, shape: Shape) {
  const name = `${tensor.name} without limits`;
  return { name, type: "int8", shape, scales: oneScale(tensor) } as const;
}

/** MAXIMUM and MINIMUM, as far as they are needed, from one tensor to another of its scale. */
export function writeClamp(
  network: Network,
  { min, max }: ClampRange,
  tensor: QuantizedTensor,
  from: number,
  to: number,
): void {
  const limit = (name: string, value: number): number =>
    network.tensor({
      name: `${tensor.name}/${name}`,
      type: "int8",
      shape: [1],
      scales: oneScale(tensor),
      data: Int8Array.of(value),
    });
  const options = { type: "MaximumMinimumOptions", table: {} } as const;
  const { shape } = network.tensors[to]!;
  const between =
    min > -128 && max < 127
      ? network.tensor({ ...unclamped(tensor, shape), name: `${tensor.name} without maximum` })
      : to;
  if (min > -128 || max === 127)
    network.operate("MAXIMUM", [from, limit("least", min)], between, options);
  if (max < 127)
    network.operate("MINIMUM", [min > -128 ? between : from, limit("most", max)], to, options);
}
