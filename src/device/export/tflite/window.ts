/** @file Windows of convolutions and pools: SAME or VALID padding, or a padding of its own. */

import { ExportError } from "../../../errors/index.ts";
import type {
  ImageSize,
  PoolLayer,
  QuantizedTensor,
  QuantizedWindow,
  WeightedLayer,
} from "../../quantize/index.ts";
import type { Step } from "../channels-last/channels-last.ts";
import { imageShape } from "./lowering.ts";
import { type Network, oneScale } from "./network.ts";
import { paddings } from "./schema.ts";

type WindowLayer = Exclude<WeightedLayer, { kind: "dense" }> | PoolLayer;

/** What SAME pads along one axis: the rest after the end where it is odd. */
function sameAlong(size: number, kernel: number, stride: number, dilation: number) {
  const places = Math.ceil(size / stride);
  const total = Math.max(0, (places - 1) * stride + (kernel - 1) * dilation + 1 - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)] as const;
}

/** @returns the padding's number, or undefined if it is neither SAME nor VALID */
function paddingFor(
  { kernel, strides, padding, dilations }: QuantizedWindow,
  { height, width }: ImageSize,
): number | undefined {
  if (padding.every((size) => size === 0)) return paddings.valid;
  const [top, bottom] = sameAlong(height, kernel[0], strides[0], dilations[0]);
  const [left, right] = sameAlong(width, kernel[1], strides[1], dilations[1]);
  return [top, left, bottom, right].join() === padding.join() ? paddings.same : undefined;
}

/** The image that a window goes over, and how the window is padded there. */
interface Padded {
  readonly image: number;
  readonly padding: number;
}

/**
 * A padding that is neither SAME nor VALID becomes an operator before the window: PAD with the real
 * number 0, or for maxima PADV2 with the least number. A mean over padding is refused.
 */
export function padded(
  { layer, inputs, inputTensors, from }: Step<WindowLayer>,
  network: Network,
): Padded {
  const size = from[0]!; // windows go over one image
  const tensor = inputTensors[0]!;
  const image = network.operand(inputs[0]!, imageShape(size));
  const padding = paddingFor(layer, size);
  if (padding !== undefined) return { image, padding };
  const [top, left, bottom, right] = layer.padding;
  if (layer.kind === "averagePool")
    throw new ExportError("export/unsupported", {
      where: layer.name,
      rule: "TensorFlow Lite's average pooling pads as SAME or not at all",
      got: `padding ${top}, ${left}, ${bottom}, ${right} of a ${layer.kernel.join("x")} window`,
      fix: "Pool without padding, with same padding, or export C",
      details: { padding: layer.padding },
    });
  const wide = { height: size.height + top + bottom, width: size.width + left + right };
  const output = network.tensor({
    name: `${layer.name}/padded`,
    type: "int8",
    shape: imageShape({ ...size, ...wide }),
    scales: oneScale(tensor),
  });
  const amounts = network.tensor({
    name: `${layer.name}/padding`,
    type: "int32",
    shape: [4, 2],
    data: Int32Array.of(0, 0, top, bottom, left, right, 0, 0),
  });
  if (layer.kind === "maxPool") {
    const options = { type: "PadV2Options", table: {} } as const;
    network.operate("PADV2", [image, amounts, least(layer.name, tensor, network)], output, options);
  } else network.operate("PAD", [image, amounts], output, { type: "PadOptions", table: {} });
  return { image: output, padding: paddings.valid };
}

function least(name: string, tensor: QuantizedTensor, network: Network): number {
  return network.tensor({
    name: `${name}/least`,
    type: "int8",
    shape: [1],
    scales: oneScale(tensor),
    data: Int8Array.of(-128),
  });
}
