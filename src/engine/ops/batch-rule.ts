/** @file What operators share that normalise by statistics of each channel: all but derivatives. */

import { ConfigError, ShapeError } from "../../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { showShape } from "../tensor/index.ts";
import { assertSameDType } from "./assert.ts";
import { defineOp, type OnnxContext, type Op, type Vjp } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";
import { assertNoEmptyAxis, assertShape } from "./window.ts";

export interface BatchNormalizationOptions {
  /** added to the variance; default 1e-5, as in PyTorch and ONNX (Keras: 1e-3) */
  readonly epsilon?: number;
}

export type BatchNormalizationAttrs = { readonly epsilon: number };

/** @throws ConfigError "config/range" unless epsilon is positive and finite */
export function assertEpsilon(caller: string, epsilon: number): number {
  if (!(epsilon > 0 && Number.isFinite(epsilon)))
    throw new ConfigError("config/range", {
      where: caller,
      rule: "epsilon must be a positive finite number",
      got: String(epsilon),
      details: { epsilon },
    });
  return epsilon;
}

/**
 * @throws ShapeError "shape/rank" unless x has a batch axis and a channel axis. @returns the number
 *   of channels
 */
export function channelsOf(caller: string, x: TensorType): number {
  const channels = x.shape[1];
  if (channels === undefined)
    throw new ShapeError("shape/rank", {
      where: caller,
      rule: "the operand must have at least 2 axes [batch, channels, ...]",
      got: showShape(x.shape),
      fix: "Reshape it",
      details: { shape: x.shape },
    });
  return channels;
}

export type BatchOp = Op<
  [
    x: Value,
    scale: Value,
    bias: Value,
    mean: Value,
    variance: Value,
    options?: BatchNormalizationOptions,
  ]
>;

/** Two axes become three: of two, WebGPU's kernel for channels first mixes up the channels. */
function operator({ emit, node, inputs, attrs }: OnnxContext<BatchNormalizationAttrs>): string {
  const normalized = (x: string): string =>
    emit.node("BatchNormalization", [x, ...inputs.slice(1)], { epsilon: attrs.epsilon });
  if (node.shape.length > 2) return normalized(inputs[0]!);
  const last = emit.int64([2]);
  return emit.node("Squeeze", [normalized(emit.node("Unsqueeze", [inputs[0]!, last])), last]);
}

/** @returns the operator of this name; ONNX: BatchNormalization (opset 15) */
export function defineBatchOp(name: string, vjp: Vjp<BatchNormalizationAttrs>): BatchOp {
  return defineOp({
    name,
    arguments: (
      x: Value,
      scale: Value,
      bias: Value,
      mean: Value,
      variance: Value,
      { epsilon = 1e-5 }: BatchNormalizationOptions = {},
    ) => ({
      inputs: [x, scale, bias, mean, variance],
      attrs: { epsilon: assertEpsilon(name, epsilon) },
    }),
    infer: (inputs) => {
      const x = inputs[0]!;
      const dtype = assertSameDType(name, ...inputs);
      assertDType(name, x, ["float32"]);
      const channels = channelsOf(name, x);
      assertNoEmptyAxis(name, x);
      for (const [position, part] of ["scale", "bias", "mean", "variance"].entries())
        assertShape(name, part, inputs[position + 1]!, [channels]);
      return { dtype, shape: x.shape };
    },
    vjp,
    toOnnx: operator,
  });
}
