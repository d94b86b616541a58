/** @file Gated recurrent unit, unrolled over its steps: what training differentiates. */

import { ShapeError } from "../../../errors/index.ts";
import { constant, type Value } from "../../graph/index.ts";
import { zeros } from "../../tensor/index.ts";
import { add } from "../add.ts";
import { gemm } from "../gemm.ts";
import { mul } from "../mul.ts";
import { sigmoid } from "../sigmoid.ts";
import { sub } from "../sub.ts";
import { tanh } from "../tanh.ts";
import { assertShape } from "../window.ts";

/**
 * One gate's weights. They are kept apart by gate because splitting a joint product costs more than
 * three smaller products.
 */
export interface GruGate {
  /** float32 [features, units] */
  readonly kernel: Value;
  /** float32 [units, units] */
  readonly recurrentKernel: Value;
  /** float32 [units] */
  readonly bias: Value;
  /**
   * float32 [units], added to the recurrent product; default none. Only the candidate's, and only
   * with `linearBeforeReset`, is not the same as adding it to `bias`
   */
  readonly recurrentBias?: Value;
}

export interface GruWeights {
  readonly reset: GruGate;
  readonly update: GruGate;
  readonly candidate: GruGate;
}

export interface GruOptions {
  /**
   * the reset gate multiplies the candidate's recurrent product (true, default: PyTorch, Keras's
   * reset_after, ONNX's linear_before_reset = 1), or the state before it (false: the paper)
   */
  readonly linearBeforeReset?: boolean;
  /** float32 [batch, units]; default zeros */
  readonly initialState?: Value;
}

const where = "gru";

function assertWeights(features: number, weights: GruWeights): void {
  const units = weights.update.kernel.shape[1] ?? 1;
  for (const [name, gate] of Object.entries(weights) as [string, GruGate][]) {
    // the interface's own keys
    assertShape(where, `${name}.kernel`, gate.kernel, [features, units]);
    assertShape(where, `${name}.recurrentKernel`, gate.recurrentKernel, [units, units]);
    assertShape(where, `${name}.bias`, gate.bias, [units]);
    if (gate.recurrentBias !== undefined)
      assertShape(where, `${name}.recurrentBias`, gate.recurrentBias, [units]);
  }
}

/** x W + b, plus h R + c where there is a state (a zero state leaves c). */
function gateInput(x: Value, state: Value | null, gate: GruGate): Value {
  const fromInput = gemm(x, gate.kernel, { c: gate.bias });
  const bias = gate.recurrentBias;
  const sum = bias === undefined ? fromInput : add(fromInput, bias);
  return state === null ? sum : gemm(state, gate.recurrentKernel, { c: sum });
}

function candidateOf(
  x: Value,
  state: Value | null,
  { reset, candidate }: GruWeights,
  linearBeforeReset: boolean,
): Value {
  const fromInput = gemm(x, candidate.kernel, { c: candidate.bias });
  const { recurrentKernel, recurrentBias } = candidate;
  if (state === null && recurrentBias === undefined) return tanh(fromInput);
  if (state === null && !linearBeforeReset) return tanh(add(fromInput, recurrentBias!));
  const gate = sigmoid(gateInput(x, state, reset));
  const bias = recurrentBias === undefined ? {} : { c: recurrentBias };
  if (!linearBeforeReset)
    return tanh(add(fromInput, gemm(mul(gate, state!), recurrentKernel, bias)));
  const recurrent = state === null ? recurrentBias! : gemm(state, recurrentKernel, bias);
  return tanh(add(fromInput, mul(gate, recurrent)));
}

/** That of a single step, which else would not reach the recurrent kernels: they have gradients. */
function zeroState(x: Value, { update }: GruWeights): Value {
  return constant(zeros("float32", [x.shape[0]!, update.recurrentKernel.shape[0]!]));
}

/**
 * For each step t, with x the step's input and h the state before it:
 *
 *   r = σ(x Wᵣ + bᵣ + h Rᵣ + cᵣ)          reset
 *   z = σ(x W_z + b_z + h R_z + c_z)        update
 *   n = tanh(x Wₙ + bₙ + r · (h Rₙ + cₙ))  candidate; with linearBeforeReset = false
 *       tanh(x Wₙ + bₙ + (r · h) Rₙ + cₙ)
 *   h' = (1 − z) · n + z · h
 *
 * The graph grows with the number of steps: about thirty nodes each, with their derivatives.
 *
 * @param steps inputs of the steps, at least one, each float32 [batch, features]
 * @returns the state after each step, each float32 [batch, units]
 * @throws ShapeError "shape/operands" without a step, "shape/mismatch"; the errors of gemm
 * @see Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder,
 *   arXiv:1406.1078, whose z is our 1 − z; PyTorch's and ONNX's GRU have ours
 */
export function gru(
  steps: readonly Value[],
  weights: GruWeights,
  { linearBeforeReset = true, initialState }: GruOptions = {},
): readonly Value[] {
  const [first] = steps;
  if (first === undefined)
    throw new ShapeError("shape/operands", {
      where,
      rule: "there must be at least one step",
      got: "none",
    });
  assertWeights(first.shape[1] ?? 0, weights);
  let state = initialState ?? (steps.length === 1 ? zeroState(first, weights) : null);
  return steps.map((x) => {
    const update = sigmoid(gateInput(x, state, weights.update));
    const candidate = candidateOf(x, state, weights, linearBeforeReset);
    const step: Value =
      state === null
        ? sub(candidate, mul(update, candidate))
        : add(candidate, mul(update, sub(state, candidate)));
    state = step;
    return step;
  });
}
