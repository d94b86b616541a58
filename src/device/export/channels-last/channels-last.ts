/**
 * @file The border between [channels, height, width] inside and [height, width, channels] on
 * microcontrollers: weights reordered, flattened images kept as they lie, reshapes gone.
 */

import { elementCount } from "../../../engine/tensor/index.ts";
import {
  type ImageSize,
  imageOf,
  type QuantizedGraph,
  type QuantizedLayer,
  type QuantizedTensor,
  type ReshapeLayer,
  type SwapAxesLayer,
} from "../../quantize/index.ts";

/** A tensor in memory: images as [height, width, channels]. */
export interface Storage extends QuantizedTensor {
  readonly elements: number;
}

/** y[j · rows + i] = x[i · columns + j]: from one order of an image to the other. */
export interface TransposeLayer {
  readonly kind: "transpose";
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
}

type Computed = Exclude<QuantizedLayer, ReshapeLayer | SwapAxesLayer>;
export type ProgramLayer = Computed | TransposeLayer;

/**
 * One layer with its operands. Weights: conv2d [out, kernelHeight, kernelWidth, in], depthwise
 * [kernelHeight, kernelWidth, out], dense [out, in] with `in` in the order of memory.
 */
export interface Step<L extends ProgramLayer = ProgramLayer> {
  readonly layer: L;
  /** positions in `storages` */
  readonly inputs: readonly number[];
  readonly output: number;
  readonly inputTensors: readonly QuantizedTensor[];
  readonly outputTensor: QuantizedTensor;
  readonly from: readonly ImageSize[];
  readonly to: ImageSize;
}

export interface Program {
  readonly storages: readonly Storage[];
  readonly steps: readonly Step[];
  readonly input: number;
  readonly output: number;
}

/** A tensor's place, and the image whose order its elements have; null if row-major. */
interface Placed {
  readonly storage: number;
  readonly order: ImageSize | null;
}

function orderOf({ shape }: QuantizedTensor): ImageSize | null {
  const size = imageOf(shape);
  return size.channels > 1 && size.height * size.width > 1 ? size : null;
}

const pixelsOf = ({ height, width }: ImageSize): number => height * width;

const sameOrder = (a: ImageSize | null, b: ImageSize | null): boolean =>
  a === b || (a !== null && b !== null && a.channels === b.channels && pixelsOf(a) === pixelsOf(b));

/** @returns the graph as steps over tensors in memory */
export function toChannelsLast(graph: QuantizedGraph): Program {
  const storages: Storage[] = [];
  const steps: Step[] = [];
  const placed = new Map<number, Placed>();
  const store = (tensor: QuantizedTensor, order: ImageSize | null): Placed => {
    storages.push({ ...tensor, elements: elementCount(tensor.shape) });
    return { storage: storages.length - 1, order };
  };
  const tensorAt = (position: number): QuantizedTensor => graph.tensors[position]!; // graph's own

  /** @returns the tensor in the wanted order, transposed on the way if need be */
  const inOrder = (position: number, order: ImageSize | null, name: string): Placed => {
    const tensor = tensorAt(position);
    let at = placed.get(position)!; // layers stand in order
    if (sameOrder(at.order, order)) return at;
    const transposed = (rows: number, columns: number, next: ImageSize | null): void => {
      const to = store(tensor, next);
      const layer = { kind: "transpose", name, rows, columns } as const;
      const sizes = { from: [imageOf(tensor.shape)], to: imageOf(tensor.shape) };
      const tensors = { inputTensors: [tensor], outputTensor: tensor };
      steps.push({ layer, inputs: [at.storage], output: to.storage, ...tensors, ...sizes });
      at = to;
    };
    if (at.order) transposed(at.order.height * at.order.width, at.order.channels, null);
    if (order) transposed(order.channels, order.height * order.width, order);
    return at;
  };

  placed.set(graph.input, store(tensorAt(graph.input), orderOf(tensorAt(graph.input))));
  for (const layer of graph.layers) {
    const tensor = tensorAt(layer.output);
    const first = placed.get(layer.inputs[0]!)!; // likewise
    if (layer.kind === "reshape") {
      placed.set(layer.output, first); // the order is of elements, whatever their shape
      continue;
    }
    if (layer.kind === "swapAxes") {
      const view = swappedView(tensorAt(layer.inputs[0]!));
      const isBack = sameOrder(first.order, view.rowMajor);
      const from = isBack ? first : inOrder(layer.inputs[0]!, null, layer.name);
      placed.set(layer.output, { ...from, order: isBack ? null : view.swapped });
      continue;
    }
    const passes = layer.kind === "dense" || layer.kind === "lookup" || layer.kind === "requantize";
    const operands = layer.inputs.map((position) =>
      passes ? placed.get(position)! : inOrder(position, orderOf(tensorAt(position)), layer.name),
    );
    const order = passes && layer.kind !== "dense" ? first.order : orderOf(tensor);
    const to = store(tensor, order);
    placed.set(layer.output, to);
    const memory = { inputs: operands.map(({ storage }) => storage), output: to.storage };
    steps.push({
      layer: reordered(layer, graph, first.order),
      ...memory,
      ...sizesOf(layer, graph),
    });
  }
  const result = inOrder(graph.output, orderOf(tensorAt(graph.output)), "output");
  return { storages, steps, input: placed.get(graph.input)!.storage, output: result.storage };
}

/** A sequence with its axes swapped holds the same elements at the same places. */
function swappedView({ shape }: QuantizedTensor) {
  const [, rows, columns] = shape as readonly [number, number, number]; // a sequence
  const rowMajor = { channels: rows, height: 1, width: columns };
  const isLine = rows === 1 || columns === 1;
  return { rowMajor, swapped: isLine ? null : { channels: columns, height: 1, width: rows } };
}

function sizesOf({ inputs, output }: Computed, { tensors }: QuantizedGraph) {
  const inputTensors = inputs.map((position) => tensors[position]!); // graph's own
  const outputTensor = tensors[output]!; // likewise
  const from = inputTensors.map(({ shape }) => imageOf(shape));
  return { inputTensors, outputTensor, from, to: imageOf(outputTensor.shape) };
}

function reordered(layer: Computed, graph: QuantizedGraph, order: ImageSize | null): Computed {
  const channels = imageOf(graph.tensors[layer.inputs[0]!]!.shape).channels;
  switch (layer.kind) {
    case "dense":
      return order === null ? layer : { ...layer, weights: channelsToEnd(layer.weights, order) };
    case "conv2d": {
      const [height, width] = layer.kernel;
      return { ...layer, weights: channelsToEnd(layer.weights, { channels, height, width }) };
    }
    case "depthwiseConv2d": {
      const size = { channels: layer.bias.length, height: layer.kernel[0], width: layer.kernel[1] };
      return { ...layer, weights: channelsToEnd(layer.weights, size) };
    }
    default:
      return layer;
  }
}

/** @returns rows of [channels, height, width] as rows of [height, width, channels] */
export function channelsToEnd(rows: Int8Array, { channels, height, width }: ImageSize): Int8Array {
  const plane = height * width;
  const size = channels * plane;
  return rows.map((_, at) => {
    const within = at % size;
    return rows[at - within + (within % channels) * plane + Math.floor(within / channels)]!;
  });
}
