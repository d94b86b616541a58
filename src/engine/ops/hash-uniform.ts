/**
 * @file hashUniform: uniform random numbers that are a function of (seed, stream, element index)
 * and of nothing else.
 *
 * ONNX's own random operators keep their state inside the runtime, where no checkpoint can reach
 * it. ONNX form: Mul, BitwiseXor and BitShift on uint32 (opsets 14, 18, 11).
 */

import { ConfigError, DTypeError } from "../../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { onnxDType } from "../onnx/index.ts";
import { elementCount, type Shape, showShape } from "../tensor/index.ts";
import { defineOp, numberTensor, type Op } from "./define-op.ts";
import { type Emit, emitReshape } from "./emit.ts";

export interface HashUniformOptions {
  readonly shape: Shape;
  /**
   * which of a graph's random tensors this is: those of one seed must differ in it; an integer in 0
   * … 2³² − 1
   */
  readonly stream: number;
}

type HashUniformAttrs = { readonly shape: Shape; readonly stream: number };

/** The multipliers and shifts of lowbias32. */
export const lowbias32 = {
  shifts: [16, 15, 16],
  multipliers: [0x7feb352d, 0x846ca68b],
} as const;

/** Streams are set apart by multiples of the golden ratio's fraction. */
export const streamStep = 0x9e3779b9;

function emitXorShift(emit: Emit, word: string, shift: number): string {
  const by = emit.constant(numberTensor(shift, "uint32"));
  const shifted = emit.node("BitShift", [word, by], { direction: "RIGHT" });
  return emit.node("BitwiseXor", [word, shifted]);
}

function emitMix(emit: Emit, word: string): string {
  const [first, second, third] = lowbias32.shifts;
  const [a, b] = lowbias32.multipliers.map((m) => emit.constant(numberTensor(m, "uint32")));
  let mixed = emit.node("Mul", [emitXorShift(emit, word, first), a!]);
  mixed = emit.node("Mul", [emitXorShift(emit, mixed, second), b!]);
  return emitXorShift(emit, mixed, third);
}

function hashUniformType([seed]: readonly TensorType[], attrs: HashUniformAttrs): TensorType {
  if (seed!.dtype !== "uint32" || seed!.shape.length !== 0)
    throw new DTypeError("dtype/seed", {
      where: "hashUniform",
      rule: "the seed must be a uint32 scalar",
      got: `${seed!.dtype}${showShape(seed!.shape)}`,
      fix: "Feed a uint32 of shape []",
      details: { dtype: seed!.dtype, shape: seed!.shape },
    });
  const { shape, stream } = attrs;
  if (!Number.isInteger(stream) || stream < 0 || stream >= 2 ** 32)
    throw new ConfigError("config/range", {
      where: "hashUniform",
      rule: "stream must be an integer in 0 … 4294967295",
      got: String(stream),
      fix: "Number the random tensors of a graph from 0",
      details: { stream },
    });
  return { dtype: "float32", shape };
}

/**
 * y[i] = ⌊h / 2⁸⌋ / 2²⁴ with h = mix(mix(i) ⊕ mix(seed ⊕ stream · 0x9e3779b9)), all in 32 bits,
 * i the row-major index. mix is lowbias32:
 *   h ⊕= h ≫ 16; h ·= 0x7feb352d; h ⊕= h ≫ 15; h ·= 0x846ca68b; h ⊕= h ≫ 16.
 *
 * @param seed uint32 []; the same seed gives the same tensor, on every machine and with any number
 *   of threads
 * @param options.shape of the result; @param options.stream sets random tensors of one seed apart
 * @returns float32 in [0, 1), multiples of 2⁻²⁴
 * @throws DTypeError "dtype/seed"; ConfigError "config/range"
 * @see Chris Wellons, Prospecting for Hash Functions (2018),
 * https://nullprogram.com/blog/2018/07/31/
 */
export const hashUniform: Op<[seed: Value, options: HashUniformOptions]> = defineOp({
  name: "hashUniform",
  arguments: (seed: Value, { shape, stream }: HashUniformOptions) => ({
    inputs: [seed],
    attrs: { shape, stream },
  }),
  infer: hashUniformType,
  vjp: { noGradient: "random numbers depend on nothing differentiable" },
  toOnnx: ({ emit, inputs, attrs: { shape, stream } }) => {
    const int64 = (value: number): string => emit.constant(numberTensor(value, "int64"));
    const range = emit.node("Range", [int64(0), int64(elementCount(shape)), int64(1)]);
    const places = emit.node("Cast", [range], { to: BigInt(onnxDType("uint32")) });
    const lane = emit.constant(numberTensor(Math.imul(stream, streamStep) >>> 0, "uint32"));
    const key = emitMix(emit, emit.node("BitwiseXor", [inputs[0]!, lane]));
    // mix(i) depends on no input: the runtime computes it once, when it loads the model
    const bits = emitMix(emit, emit.node("BitwiseXor", [emitMix(emit, places), key]));
    const eight = emit.constant(numberTensor(8, "uint32"));
    const top = emit.node("BitShift", [bits, eight], { direction: "RIGHT" });
    const whole = emit.node("Cast", [top], { to: BigInt(onnxDType("float32")) });
    const flat = emit.node("Mul", [whole, emit.constant(numberTensor(2 ** -24, "float32"))]);
    return emitReshape(emit, flat, shape);
  },
});
