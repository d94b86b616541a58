/** @file Importers of convolutions, pools and normalisations. */

import type { Value } from "../graph/index.ts";
import { constant } from "../graph/index.ts";
import {
  averagePool,
  batchNormalization,
  conv2d,
  globalAveragePool,
  layerNormalization,
  maxPool,
  type Padding,
  type Pads,
  reshape,
  type Size2d,
} from "../ops/index.ts";
import { elementCount, float32 } from "../tensor/index.ts";
import {
  dataOf,
  type Importer,
  type ImportNode,
  numberOf,
  numbersOf,
  operand,
  textOf,
  typeText,
} from "./node.ts";

/** A window over one axis stands as one over height 1. */
interface Images {
  readonly x: Value;
  /** back to the rank that the node has */
  readonly restore: (y: Value) => Value;
  /** an axis attribute of one or two numbers as [height, width] */
  readonly pair: (numbers: readonly number[] | undefined, absent: number) => Size2d;
  readonly padding: Padding;
}

/** @returns the operand as images. @throws DataError "import/unsupported" for other ranks */
function imagesOf(node: ImportNode, x: Value): Images {
  const rank = x.shape.length;
  if (rank !== 3 && rank !== 4)
    return node.refuse(
      "windows slide over [batch, channels, height, width] or [batch, channels, length]",
      typeText(x),
      "Use two axes, or one",
    );
  const flat = rank === 3;
  const pair = (numbers: readonly number[] | undefined, absent: number): Size2d => {
    const [first = absent, second = absent] = numbers ?? [];
    return flat ? [1, first] : [first, second];
  };
  const [batch, channels, length] = x.shape;
  return {
    x: flat ? reshape(x, [batch!, channels!, 1, length!]) : x,
    restore: (y) => (flat ? reshape(y, [y.shape[0]!, y.shape[1]!, y.shape[3]!]) : y),
    pair,
    padding: paddingOf(node, flat),
  };
}

function paddingOf(node: ImportNode, flat: boolean): Padding {
  const auto = textOf(node, "auto_pad", "NOTSET");
  if (auto === "SAME_UPPER") return "same";
  if (auto === "VALID") return "valid";
  if (auto !== "NOTSET")
    return node.refuse("auto_pad must be SAME_UPPER or VALID", auto, "Export explicit pads");
  const pads = numbersOf(node, "pads");
  if (pads === undefined) return "valid";
  const [a = 0, b = 0, c = 0, d = 0] = pads;
  return flat ? [0, a, 0, b] : [a, b, c, d];
}

/** A border of zeros becomes padding of the convolution that reads it. */
function withoutPad(x: Value, padding: Padding): { readonly x: Value; readonly padding: Padding } {
  const { before, after, value } = x.attrs as {
    before?: readonly number[];
    after?: readonly number[];
    value?: number;
  }; // pad's own attributes, if it is one
  if (x.op !== "pad" || padding === "same" || value !== 0 || !before || !after)
    return { x, padding };
  if ([...before.slice(0, 2), ...after.slice(0, 2)].some((size) => size !== 0))
    return { x, padding };
  const own: Pads = padding === "valid" ? [0, 0, 0, 0] : padding;
  const border = [before[2]!, before[3]!, after[2]!, after[3]!];
  const [top, left, bottom, right] = own.map((size, side) => size + border[side]!);
  return { x: x.inputs[0]!, padding: [top!, left!, bottom!, right!] };
}

const importConv: Importer = (node) => {
  const images = imagesOf(node, operand(node, 0));
  const { x, padding } = withoutPad(images.x, images.padding);
  const kernel = operand(node, 1);
  const [out, into, length] = kernel.shape;
  const square = kernel.shape.length === 3 ? reshaped(kernel, [out!, into!, 1, length!]) : kernel;
  const bias = node.inputs[2];
  const y = conv2d(x, square, {
    strides: images.pair(numbersOf(node, "strides"), 1),
    dilations: images.pair(numbersOf(node, "dilations"), 1),
    padding,
    groups: numberOf(node, "group", 1),
    ...(bias && { bias }),
  });
  return images.restore(y);
};

/** @returns the same elements in another shape; a constant stays one */
function reshaped(value: Value, shape: readonly number[]): Value {
  const data = dataOf(value);
  return data === undefined ? reshape(value, shape) : constant(float32(shape, data));
}

/** What a pool's attributes say. @throws DataError "import/unsupported" */
function poolOf(node: ImportNode) {
  const images = imagesOf(node, operand(node, 0));
  const kernelShape = numbersOf(node, "kernel_shape");
  const kernel = images.pair(kernelShape, 1);
  const strides = images.pair(numbersOf(node, "strides"), 1);
  if (numbersOf(node, "dilations")?.some((size) => size !== 1) === true)
    return node.refuse("pools must not be dilated", "dilations", "Set dilations to 1");
  if (numberOf(node, "ceil_mode", 0) === 1 && images.padding !== "same") {
    const pads: Pads = images.padding === "valid" ? [0, 0, 0, 0] : images.padding;
    const rest = [0, 1].map((axis) => {
      const padded = images.x.shape[2 + axis]! + pads[axis]! + pads[axis + 2]!;
      return (padded - kernel[axis]!) % strides[axis]!;
    });
    if (rest.some((size) => size !== 0))
      return node.refuse(
        "the last window must lie inside the image",
        "ceil_mode with windows that reach beyond",
        "Set ceil_mode to 0, or pad the image",
      );
  }
  return { ...images, options: { kernel, strides, padding: images.padding } };
}

const importMaxPool: Importer = (node) => {
  if ((node.outputs[1] ?? "") !== "")
    return node.refuse(
      "indices have no form here",
      "a second output",
      "Use the pooled values only",
    );
  const { x, options, restore } = poolOf(node);
  return restore(maxPool(x, options));
};

const importAveragePool: Importer = (node) => {
  const { x, options, restore } = poolOf(node);
  const countIncludesPadding = numberOf(node, "count_include_pad", 0) === 1;
  return restore(averagePool(x, { ...options, countIncludesPadding }));
};

const importGlobalAveragePool: Importer = (node) => {
  const { x, restore } = imagesOf(node, operand(node, 0));
  return restore(globalAveragePool(x));
};

const importGlobalMaxPool: Importer = (node) => {
  const { x, restore } = imagesOf(node, operand(node, 0));
  return restore(maxPool(x, { kernel: [x.shape[2]!, x.shape[3]!] }));
};

const importBatchNormalization: Importer = (node) => {
  if (numberOf(node, "training_mode", 0) === 1 || (node.outputs[1] ?? "") !== "")
    return node.refuse(
      "batch normalisation must be as in inference",
      "training mode",
      "Export in evaluation mode: model.eval()",
    );
  const [x, scale, bias, mean, variance] = [0, 1, 2, 3, 4].map((at) => operand(node, at));
  const epsilon = numberOf(node, "epsilon", 1e-5);
  return batchNormalization(x!, scale!, bias!, mean!, variance!, { epsilon });
};

const importLayerNormalization: Importer = (node) => {
  const [x, scale] = [operand(node, 0), operand(node, 1)];
  const zeros = constant(float32(scale.shape, new Float32Array(elementCount(scale.shape))));
  const epsilon = numberOf(node, "epsilon", 1e-5);
  return layerNormalization(x, scale, node.inputs[2] ?? zeros, { epsilon });
};

export const images: Readonly<Record<string, Importer>> = {
  AveragePool: importAveragePool,
  BatchNormalization: importBatchNormalization,
  Conv: importConv,
  GlobalAveragePool: importGlobalAveragePool,
  GlobalMaxPool: importGlobalMaxPool,
  LayerNormalization: importLayerNormalization,
  MaxPool: importMaxPool,
};
