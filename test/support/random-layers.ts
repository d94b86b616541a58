/**
 * @file Integer networks of one layer, drawn from a seed without a float network behind them:
 * scales over many powers of two, odd channel counts, every kind of window and limits.
 */

import type {
  ClampRange,
  QuantizedGraph,
  QuantizedLayer,
  QuantizedTensor,
  QuantizedWindow,
} from "../../src/device/quantize/index.ts";
import { type RandomStream, randomStream, type Shape } from "../../src/engine/tensor/index.ts";

export const layerSorts = [
  "dense",
  "dense per channel",
  "conv2d",
  "depthwiseConv2d",
  "averagePool",
  "maxPool",
  "add",
  "concat",
  "requantize",
  "clamp",
  "lookup",
  "softmax",
  "argMax",
] as const;
export type LayerSort = (typeof layerSorts)[number];

/** Draws of one network. */
interface Draw {
  readonly integer: (from: number, to: number) => number;
  readonly pick: <T>(choices: readonly T[]) => T;
  /** float32, log-uniform in [2^from, 2^to] */
  readonly scale: (from: number, to: number) => number;
  readonly bytes: (length: number) => Int8Array;
}

function drawFrom(stream: RandomStream): Draw {
  const integer = (from: number, to: number): number => from + stream.integer(to - from + 1);
  return {
    integer,
    pick: (choices) => choices[stream.integer(choices.length)]!,
    scale: (from, to) => Math.fround(2 ** (from + (to - from) * stream.uniform())),
    bytes: (length) => Int8Array.from({ length }, () => integer(-127, 127)),
  };
}

const noClamp: ClampRange = { min: -128, max: 127 };

/** @returns a network of one layer of that sort; add and concat have a table before them */
export function randomLayer(sort: LayerSort, seed: number): QuantizedGraph {
  const draw = drawFrom(randomStream(seed, sort));
  const input = tensor("input", imageOrRow(sort, draw), draw);
  switch (sort) {
    case "dense":
      return weighted("dense", false, input, draw);
    case "dense per channel":
      return weighted("dense", true, input, draw);
    case "conv2d":
    case "depthwiseConv2d":
      return weighted(sort, true, input, draw);
    case "averagePool":
    case "maxPool": {
      const window = randomWindow(draw, input.shape, sort === "maxPool");
      const output = { ...input, name: "pool", shape: after(window, input.shape, input.shape[0]!) };
      const place = { name: "pool", inputs: [0], output: 1 };
      return network([input, output], [{ kind: sort, ...place, ...window, clamp: noClamp }]);
    }
    default:
      return plain(sort, input, draw);
  }
}

function network(
  tensors: readonly QuantizedTensor[],
  layers: readonly QuantizedLayer[],
): QuantizedGraph {
  const sample = { dtype: "uint8", scale: 1, offset: 0 } as const;
  return { name: "layer", sample, tensors, layers, input: 0, output: tensors.length - 1 };
}

function tensor(name: string, shape: Shape, draw: Draw): QuantizedTensor {
  const zeroPoint = draw.pick([-128, 127, 0, draw.integer(-128, 127)]);
  return { name, shape, dtype: "int8", scale: draw.scale(-12, 6), zeroPoint };
}

function imageOrRow(sort: LayerSort, draw: Draw): Shape {
  const row = [draw.integer(1, 40)];
  if (sort.startsWith("dense") || sort === "softmax" || sort === "argMax") return row;
  return [draw.integer(1, 9), draw.integer(3, 9), draw.integer(3, 9)];
}

function randomWindow(
  draw: Draw,
  [, height, width]: Shape,
  hasAnyPadding: boolean,
): QuantizedWindow {
  const kernel = [draw.integer(1, 3), draw.integer(1, 3)] as const;
  const strides = [draw.integer(1, 3), draw.integer(1, 3)] as const;
  const same = [height!, width!].map((size, axis) => {
    const stride = strides[axis]!;
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel[axis]! - size);
    return [Math.floor(total / 2), Math.ceil(total / 2)] as const;
  });
  const [vertical, horizontal] = [same[0]!, same[1]!];
  const own = (axis: 0 | 1): number => draw.integer(0, kernel[axis] - 1);
  const choices: QuantizedWindow["padding"][] = [
    [0, 0, 0, 0],
    [vertical[0], horizontal[0], vertical[1], horizontal[1]],
  ];
  if (hasAnyPadding) choices.push([own(0), own(1), own(0), own(1)]);
  return { kernel, strides, padding: draw.pick(choices), dilations: [1, 1] };
}

function after(
  { kernel, strides, padding, dilations }: QuantizedWindow,
  [, height, width]: Shape,
  channels: number,
): Shape {
  const size = [height!, width!].map((from, axis) => {
    const span = (kernel[axis]! - 1) * dilations[axis]! + 1;
    return Math.floor((from + padding[axis]! + padding[axis + 2]! - span) / strides[axis]!) + 1;
  });
  return [channels, ...size];
}

type WeightedKind = "dense" | "conv2d" | "depthwiseConv2d";

function weighted(
  kind: WeightedKind,
  perChannel: boolean,
  input: QuantizedTensor,
  draw: Draw,
): QuantizedGraph {
  const channels = input.shape[0]!;
  const window = draw.pick([randomWindow(draw, input.shape, true), dilated]);
  const size = window.kernel[0] * window.kernel[1];
  const taps = { dense: channels, conv2d: size * channels, depthwiseConv2d: size }[kind];
  const units = kind === "depthwiseConv2d" ? channels * draw.integer(1, 2) : draw.integer(1, 19);
  const weightScales = Float32Array.from({ length: perChannel ? units : 1 }, () =>
    draw.scale(-9, 0),
  );
  // sums are about 8000 · √taps: most outputs are inside the range, or few, or all near one value
  const reach = input.scale * weightScales[0]! * 8000 * Math.sqrt(taps);
  const scale = Math.fround((reach / 128) * draw.pick([1, 1, 0.05, 30]));
  const shape = kind === "dense" ? [units] : after(window, input.shape, units);
  const output = { ...tensor("layer", shape, draw), scale };
  const parts = {
    name: "layer",
    inputs: [0],
    output: 1,
    weights: draw.bytes(taps * units),
    weightScales,
    bias: Int32Array.from({ length: units }, () => draw.integer(-20000, 20000)),
    multipliers: Float64Array.from(weightScales, (own) => {
      const product = input.scale * own;
      return (perChannel ? product : Math.fround(product)) / scale;
    }),
    clamp: randomClamp(draw, output.zeroPoint),
  };
  const layer = kind === "dense" ? { kind, ...parts } : { kind, ...parts, ...window };
  return network([input, output], [layer]);
}

const dilated: QuantizedWindow = {
  kernel: [2, 2],
  strides: [1, 1],
  padding: [0, 0, 0, 0],
  dilations: [2, 1],
};

function randomClamp(draw: Draw, zeroPoint: number): ClampRange {
  return draw.pick([
    noClamp,
    { min: zeroPoint, max: 127 },
    { min: draw.integer(-128, 0), max: draw.integer(1, 127) },
    { min: -128, max: draw.integer(1, 127) },
  ]);
}

/** a second operand: the input through a table */
function second(input: QuantizedTensor, draw: Draw): QuantizedLayer {
  const place = { name: `second of ${input.name}`, inputs: [0], output: 1 };
  return { kind: "lookup", ...place, table: draw.bytes(256) };
}

function plain(sort: LayerSort, input: QuantizedTensor, draw: Draw): QuantizedGraph {
  const output = tensor("layer", input.shape, draw);
  const place = { name: "layer", inputs: [0], output: 1 };
  switch (sort) {
    case "add": {
      const times = draw.scale(-12, 12);
      const other = { ...tensor("second", input.shape, draw), scale: times * input.scale };
      const sum = { ...output, scale: Math.fround((1 + times) * input.scale * draw.scale(-10, 4)) };
      const clamp = randomClamp(draw, sum.zeroPoint);
      const add = { kind: "add", name: "layer", inputs: [0, 1], output: 2, clamp } as const;
      return network([input, float32Scale(other), sum], [second(input, draw), add]);
    }
    case "concat": {
      const shape = [2 * input.shape[0]!, ...input.shape.slice(1)];
      const joined = { ...input, name: "layer", shape };
      const concat = { kind: "concat", name: "layer", inputs: [0, 1], output: 2 } as const;
      const other = { ...input, name: "second" };
      return network([input, other, joined], [second(input, draw), concat]);
    }
    case "requantize": {
      const to = float32Scale({ ...output, scale: input.scale * draw.scale(-11, 11) });
      const multiplier = input.scale / to.scale;
      const clamp = randomClamp(draw, to.zeroPoint);
      return network([input, to], [{ kind: "requantize", ...place, multiplier, clamp }]);
    }
    case "clamp": {
      const clamp = randomClamp(draw, input.zeroPoint);
      const to = { ...input, name: "layer" };
      return network([input, to], [{ kind: "requantize", ...place, multiplier: 1, clamp }]);
    }
    case "lookup":
      return network([input, output], [{ kind: "lookup", ...place, table: draw.bytes(256) }]);
    case "softmax": {
      const to = { ...output, scale: 1 / 256, zeroPoint: -128 };
      return network([input, to], [{ kind: "softmax", ...place }]);
    }
    default: {
      const to = { name: "layer", shape: [1], dtype: "int32", scale: 1, zeroPoint: 0 } as const;
      return network([input, to], [{ kind: "argMax", ...place }]);
    }
  }
}

const float32Scale = (tensor: QuantizedTensor): QuantizedTensor => ({
  ...tensor,
  scale: Math.fround(tensor.scale),
});
