/** @file Layers that go element by element: add, requantize, lookup; and concat. */

import type {
  AddLayer,
  ConcatLayer,
  LookupLayer,
  Quantization,
  RequantizeLayer,
  SwapAxesLayer,
} from "../quantized-graph.ts";
import { quantizeMultiplier, type Rounding, roundEven, scaleAccumulator } from "../rounding.ts";
import type { LayerRun } from "./layer-run.ts";

/** Bits that both terms are shifted up by before they are scaled. */
const addShift = 20;

/** The three multipliers of an addition of int8 tensors. */
interface AddMultipliers {
  readonly inputs: readonly [number, number];
  readonly output: number;
}

/** t = 2 · max(s₁, s₂); terms scale by sᵢ / t, their sum by t / (2²⁰ · s). */
export function addMultipliers(first: number, second: number, output: number): AddMultipliers {
  const twice = 2 * Math.max(first, second);
  return { inputs: [first / twice, second / twice], output: twice / (2 ** addShift * output) };
}

export function runAdd(run: LayerRun<AddLayer>): Int8Array {
  const { layer, inputs, inputTensors, outputTensor, rounding } = run;
  const [a, b] = [inputs[0]!, inputs[1]!];
  const [first, second] = [inputTensors[0]!, inputTensors[1]!];
  const { min, max } = layer.clamp;
  const sum = sumOf(first, second, outputTensor.scale, rounding);
  return Int8Array.from(a, (x, at) => {
    const y = sum(x - first.zeroPoint, b[at]! - second.zeroPoint) + outputTensor.zeroPoint;
    return Math.min(max, Math.max(min, y));
  });
}

/** q₁ − z₁ and q₂ − z₂ → the sum, in steps of the output */
type Sum = (x: number, y: number) => number;
type Scaled = Pick<Quantization, "scale">;

function sumOf(first: Scaled, second: Scaled, output: number, rounding: Rounding): Sum {
  switch (rounding) {
    case "xnnpack":
      return xnnpackSum(first, second, output);
    case "onnxruntime": {
      // x · s₁ / s + y · s₂ / s in float32, halves to even
      const [a, b] = [Math.fround(first.scale / output), Math.fround(second.scale / output)];
      return (x, y) => roundEven(Math.fround(x * a + y * b));
    }
    default:
      return shiftedSum(addMultipliers(first.scale, second.scale, output), rounding);
  }
}

function shiftedSum(multipliers: AddMultipliers, rounding: Rounding): Sum {
  const [first, second] = multipliers.inputs;
  const [fixedFirst, fixedSecond] = [quantizeMultiplier(first), quantizeMultiplier(second)];
  const fixed = quantizeMultiplier(multipliers.output);
  return (x, y) => {
    const a = scaleAccumulator(x * 2 ** addShift, first, fixedFirst, rounding);
    const b = scaleAccumulator(y * 2 ** addShift, second, fixedSecond, rounding);
    return scaleAccumulator(a + b, multipliers.output, fixed, rounding);
  };
}

/** XNNPACK: integer multipliers of 21 bits for sᵢ / s and one rounding shift, halves up. */
function xnnpackSum(first: Scaled, second: Scaled, output: number): Sum {
  const a = Math.fround(first.scale / output);
  const b = Math.fround(second.scale / output);
  const shift = 20 - Math.floor(Math.log2(Math.max(a, b)));
  const [timesA, timesB] = [Math.round(a * 2 ** shift), Math.round(b * 2 ** shift)];
  return (x, y) => Math.floor((x * timesA + y * timesB + 2 ** (shift - 1)) / 2 ** shift);
}

export function runConcat({ inputs, outputTensor }: LayerRun<ConcatLayer>): Int8Array {
  const y = new Int8Array(outputTensor.shape.reduce((product, size) => product * size, 1));
  let at = 0;
  for (const x of inputs) {
    y.set(x, at);
    at += x.length;
  }
  return y;
}

export function runRequantize(run: LayerRun<RequantizeLayer>): Int8Array {
  const { layer, inputs, inputTensors, outputTensor, rounding } = run;
  const [from, to] = [inputTensors[0]!.scale, outputTensor.scale];
  const scaled =
    rounding === "onnxruntime"
      ? (x: number) => roundEven(Math.fround(Math.fround(x * from) / to))
      : requantizer(layer.multiplier, rounding);
  const { min, max } = layer.clamp;
  return Int8Array.from(inputs[0]!, (x) => {
    const y = scaled(x - inputTensors[0]!.zeroPoint) + outputTensor.zeroPoint;
    return Math.min(max, Math.max(min, y));
  });
}

/**
 * XNNPACK: the multiplier as a number of 8 fraction bits, halves up. It does not take multipliers
 * below 2⁻⁸; TensorFlow Lite's own kernel then stands in, which rounds twice.
 */
function requantizer(multiplier: number, rounding: Rounding): (x: number) => number {
  if (rounding === "xnnpack" && multiplier >= 2 ** -8) {
    const fraction = roundEven(Math.fround(256 * Math.fround(multiplier)));
    return (x) => Math.floor((x * fraction + 128) / 256);
  }
  const fixed = quantizeMultiplier(multiplier);
  const standIn = rounding === "xnnpack" ? "tflm" : rounding;
  return (x) => scaleAccumulator(x, multiplier, fixed, standIn);
}

export function runLookup({ layer, inputs }: LayerRun<LookupLayer>): Int8Array {
  return Int8Array.from(inputs[0]!, (x) => layer.table[x + 128]!);
}

export function runSwapAxes({ inputs, inputTensors }: LayerRun<SwapAxesLayer>): Int8Array {
  const [, rows, columns] = inputTensors[0]!.shape as readonly [number, number, number]; // a sequence
  const x = inputs[0]!;
  return Int8Array.from(x, (_, at) => x[(at % rows) * columns + Math.floor(at / rows)]!);
}
