/**
 * @file gruSequence: a gated recurrent unit over all its steps at once, for inference. ONNX: GRU
 * (opset 14).
 */

import type { TensorType, Value } from "../graph/index.ts";
import { assertRank, assertSameDType } from "./assert.ts";
import { defineOp, type OnnxContext, type Op } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";
import { assertNoEmptyAxis, assertShape } from "./window.ts";

export interface GruSequenceOptions {
  /**
   * the reset gate multiplies the candidate's recurrent product (true, default) or the state before
   * it (false)
   */
  readonly linearBeforeReset?: boolean;
}

type GruSequenceAttrs = { readonly linearBeforeReset: boolean };

const where = "gruSequence";

function infer(inputs: readonly TensorType[], _attrs: GruSequenceAttrs): TensorType {
  const [x, kernel, recurrentKernel, bias] = inputs as readonly [
    TensorType,
    TensorType,
    TensorType,
    TensorType,
  ]; // as `arguments` gives them
  const dtype = assertSameDType(where, ...inputs);
  assertDType(where, x, ["float32"]);
  assertRank(where, x, 3, "[time, batch, features]");
  assertRank(where, recurrentKernel, 2, "[3 · units, units]");
  assertNoEmptyAxis(where, ...inputs);
  const [time, batch, features] = x.shape;
  const units = recurrentKernel.shape[1]!;
  assertShape(where, "kernel", kernel, [3 * units, features!]);
  assertShape(where, "recurrentKernel", recurrentKernel, [3 * units, units]);
  assertShape(where, "bias", bias, [6 * units]);
  return { dtype, shape: [time!, batch!, units] };
}

function toOnnx({ emit, inputs, attrs, node }: OnnxContext<GruSequenceAttrs>): string {
  const [x, ...weights] = inputs;
  const first = emit.int64([0]);
  const oneDirection = weights.map((name) => emit.node("Unsqueeze", [name, first]));
  const [states] = emit.nodes("GRU", [x!, ...oneDirection], 1, {
    hidden_size: BigInt(node.shape[2]!),
    linear_before_reset: attrs.linearBeforeReset ? 1n : 0n,
  }); // [time, 1, batch, units]
  return emit.node("Squeeze", [states!, emit.int64([1])]);
}

/**
 * All states of a gated recurrent unit that starts from zeros; the formula is that of the
 * composition `gru`, which training unrolls. Gates stand in ONNX's order: update, reset, candidate.
 *
 * @param x float32 [time, batch, features]
 * @param kernel float32 [3 · units, features]
 * @param recurrentKernel float32 [3 · units, units]
 * @param bias float32 [6 · units]: three biases of the inputs, then three of the recurrent products
 * @param options.linearBeforeReset default true, PyTorch's and Keras's (ONNX's own default is
 *   false)
 * @returns float32 [time, batch, units]
 * @throws ShapeError "shape/rank", "shape/empty", "shape/mismatch"; DTypeError "dtype/mismatch",
 *   "dtype/unsupported"
 * @see Cho et al. (2014), arXiv:1406.1078
 */
export const gruSequence: Op<
  [x: Value, kernel: Value, recurrentKernel: Value, bias: Value, options?: GruSequenceOptions]
> = defineOp({
  name: "gruSequence",
  arguments: (
    x: Value,
    kernel: Value,
    recurrentKernel: Value,
    bias: Value,
    { linearBeforeReset = true }: GruSequenceOptions = {},
  ) => ({ inputs: [x, kernel, recurrentKernel, bias], attrs: { linearBeforeReset } }),
  infer,
  vjp: {
    noGradient: "it is for inference; gru, unrolled over the steps, is differentiated",
    unbuilt: [0, 1, 2, 3],
  },
  toOnnx,
});
