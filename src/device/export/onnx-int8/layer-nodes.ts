/** @file The ONNX nodes of each layer, between its inputs and its output in uint8. */

import { elementCount, type Shape, scalar, tensor } from "../../../engine/tensor/index.ts";
import { ExportError } from "../../../errors/index.ts";
import {
  type ClampRange,
  imageOf,
  type LayerKind,
  type LookupLayer,
  type PoolLayer,
  type Quantization,
  type QuantizedLayer,
  type QuantizedTensor,
  type QuantizedWindow,
  type ReshapeLayer,
} from "../../quantize/index.ts";
import type { NodeList } from "./node-list.ts";

export interface LayerContext<L extends QuantizedLayer> {
  readonly layer: L;
  readonly list: NodeList;
  /** names of the operands in uint8 */
  readonly inputs: readonly string[];
  readonly inputTensors: readonly QuantizedTensor[];
  readonly outputTensor: QuantizedTensor;
}

type Emitter<L extends QuantizedLayer> = (context: LayerContext<L>) => string;

/** Layers in real arithmetic: dequantised operands in, a real result out. */
type RealEmitter<L extends QuantizedLayer> = (
  context: LayerContext<L> & { readonly reals: readonly string[] },
) => string;

function inReal<L extends QuantizedLayer>(emit: RealEmitter<L>): Emitter<L> {
  return (context) => {
    const { list, inputs, inputTensors, outputTensor } = context;
    const reals = inputs.map((name, index) => list.real(name, inputTensors[index]!));
    return list.quantized(emit({ ...context, reals }), outputTensor);
  };
}

/** A Clip, unless the range is all of int8: then QuantizeLinear's own saturation does it. */
function clipped(list: NodeList, real: string, { min, max }: ClampRange, to: Quantization): string {
  if (min === -128 && max === 127) return real;
  const limit = (q: number): string =>
    list.constant(scalar("float32", to.scale * (q - to.zeroPoint)));
  return list.node("Clip", [real, limit(min), limit(max)]);
}

const windowAttrs = ({ kernel, strides, padding }: QuantizedWindow) => ({
  kernel_shape: kernel.map(BigInt),
  strides: strides.map(BigInt),
  pads: padding.map(BigInt),
});

const asImage = ({ list, inputTensors }: LayerContext<QuantizedLayer>, real: string): string => {
  const { shape } = inputTensors[0]!; // layers have an operand
  return shape.length === 3 ? real : reshaped(list, real, [shape[0]!, 1, 1]);
};

const reshaped = (list: NodeList, name: string, shape: readonly number[]): string => {
  const sizes = BigInt64Array.from([0, ...shape], BigInt); // 0 keeps the batch axis
  return list.node("Reshape", [name, list.constant(tensor("int64", [sizes.length], sizes))]);
};

/** all elements of a sample along axis 1 */
const asRow = (list: NodeList, real: string, shape: Shape): string =>
  shape.length === 1 ? real : reshaped(list, real, [elementCount(shape)]);

const reshapedReal: Emitter<ReshapeLayer> = inReal(({ list, reals, outputTensor }) =>
  reshaped(list, reals[0]!, outputTensor.shape),
);

function convolution(
  context: LayerContext<Extract<QuantizedLayer, { kind: "conv2d" | "depthwiseConv2d" }>> & {
    readonly reals: readonly string[];
  },
): string {
  const { layer, list, reals, inputTensors, outputTensor } = context;
  const { channels } = imageOf(inputTensors[0]!.shape);
  const groups = layer.kind === "conv2d" ? 1 : channels;
  const shape = [layer.bias.length, channels / groups, ...layer.kernel];
  const operands = [
    asImage(context, reals[0]!),
    list.weights(layer, shape),
    list.bias(layer, inputTensors[0]!),
  ];
  const real = list.node("Conv", operands, {
    ...windowAttrs(layer),
    dilations: layer.dilations.map(BigInt),
    group: BigInt(groups),
  });
  const flat = outputTensor.shape.length === 1 ? reshaped(list, real, outputTensor.shape) : real;
  return clipped(list, flat, layer.clamp, outputTensor);
}

function lookup({ layer, list, inputs }: LayerContext<LookupLayer>): string {
  const index = list.node("Cast", [inputs[0]!], { to: 6n }); // int32
  const bytes = Uint8Array.from(layer.table, (q) => q + 128);
  return list.node("Gather", [list.constant(tensor("uint8", [256], bytes)), index]);
}

/**
 * The mean of the integers themselves, whose halves QuantizeLinear rounds to even, the reference
 * away from 0: by a scale that little below 1, halves fall beyond the middle. All other means of
 * up to 8192 elements lie further from it than that moves them.
 */
function averagePool({ layer, list, inputs }: LayerContext<PoolLayer>): string {
  const whole = list.node("Cast", [inputs[0]!], { to: 1n }); // float32
  const integers = list.node("Sub", [whole, list.constant(scalar("float32", 128))]);
  const mean = list.node("AveragePool", [integers], windowAttrs(layer));
  return list.quantized(mean, { scale: 1 - 2 ** -21, zeroPoint: 0 });
}

type Table = {
  readonly [K in LayerKind]: Emitter<Extract<QuantizedLayer, { kind: K }>>;
};

const emitters: Table = {
  dense: inReal(({ layer, list, reals, inputTensors, outputTensor }) => {
    const shape = [layer.bias.length, layer.weights.length / layer.bias.length];
    const operands = [reals[0]!, list.weights(layer, shape), list.bias(layer, inputTensors[0]!)];
    return clipped(list, list.node("Gemm", operands, { transB: 1n }), layer.clamp, outputTensor);
  }),
  conv2d: inReal(convolution),
  depthwiseConv2d: inReal(convolution),
  averagePool,
  maxPool: inReal(({ layer, list, reals }) => list.node("MaxPool", reals, windowAttrs(layer))),
  add: inReal(({ layer, list, reals, outputTensor }) =>
    clipped(list, list.node("Add", reals), layer.clamp, outputTensor),
  ),
  concat: inReal(({ list, reals }) => list.node("Concat", reals, { axis: 1n })),
  swapAxes: inReal(({ list, reals }) => list.node("Transpose", reals, { perm: [0n, 1n, 3n, 2n] })),
  slice: inReal(({ layer, list, reals, inputTensors, outputTensor }) => {
    const at = layer.start / inputTensors[0]!.shape[2]!;
    const ends = [[at], [at + outputTensor.shape[1]!], [2]];
    const constants = ends.map((x) =>
      list.constant(tensor("int64", [1], BigInt64Array.from(x, BigInt))),
    );
    return list.node("Slice", [...reals, ...constants]);
  }),
  gru: ({ layer }) => {
    throw new ExportError("export/unsupported", {
      where: layer.name,
      rule: "ONNX has no gated recurrent unit between QuantizeLinear and DequantizeLinear",
      got: "a GRU",
      fix: "Export it as C (--format c) or as float ONNX, or distil a tcn, which hears as far back",
    });
  },
  reshape: (context) =>
    context.outputTensor.dtype === "int32" // an index of argMax
      ? reshaped(context.list, context.inputs[0]!, context.outputTensor.shape)
      : reshapedReal(context),
  requantize: inReal(({ layer, list, reals, outputTensor }) =>
    clipped(list, reals[0]!, layer.clamp, outputTensor),
  ),
  lookup,
  softmax: inReal(({ list, reals, outputTensor: { shape } }) => {
    const row = list.node("Softmax", [asRow(list, reals[0]!, shape)], { axis: 1n });
    return shape.length === 1 ? row : reshaped(list, row, shape);
  }),
  argMax: ({ list, inputs, inputTensors: [from] }) => {
    const row = asRow(list, list.real(inputs[0]!, from!), from!.shape); // it has one operand
    return list.node("ArgMax", [row], { axis: 1n, keepdims: 1n });
  },
};

/** @returns the name of the layer's result: uint8, or int64 for argMax */
export function emitLayer(context: LayerContext<QuantizedLayer>): string {
  // the table's key is the layer's kind, so the emitter takes this layer
  return (emitters[context.layer.kind] as Emitter<QuantizedLayer>)(context);
}
