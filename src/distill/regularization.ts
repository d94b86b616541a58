/** @file An objective with penalties on the student's weights. */

import { constant, type Value } from "../engine/graph/index.ts";
import type { Network } from "../engine/nn/index.ts";
import { add, mul } from "../engine/ops/index.ts";
import { scalar } from "../engine/tensor/index.ts";
import type { InnerValues } from "../engine/train/index.ts";
import { assertInRange, ConfigError } from "../errors/index.ts";
import { groupLassoPenalty, l1Penalty } from "./losses/index.ts";
import type { FedObjective } from "./objective.ts";
import type { RegularizationSpec } from "./training-spec.ts";

/**
 * One more term of the network's kernels:
 *
 *   regularization = l1 · Σ |w| + groupLasso · Σ_u √n ‖w_u‖
 *
 * Kernels as the layers get them: what is pruned counts no more. Frozen ones count, and stay.
 *
 * @param parts that a batch is computed in: each has its share of the penalty
 * @throws ConfigError "config/range" for a negative factor; "config/conflict" for a network without
 *   kernels
 */
export function regularized(
  { objective, parts: fed }: FedObjective,
  { l1 = 0, groupLasso = 0 }: RegularizationSpec,
  { network, parts }: { readonly network: Network; readonly parts: number },
): FedObjective {
  assertInRange("training.regularization", { l1, groupLasso }, { from: 0 });
  if (l1 === 0 && groupLasso === 0) return { objective, parts: fed };
  const specs = network.parameters.filter(({ role }) => role === "kernel");
  if (specs.length === 0) throw withoutKernels(network);
  const penalty = ({ parameter }: InnerValues): Value => {
    const kernels = specs.map(({ name, unitAxis }) => ({ kernel: parameter(name), unitAxis }));
    const penalties = [[l1, l1Penalty] as const, [groupLasso, groupLassoPenalty] as const];
    return penalties
      .filter(([factor]) => factor > 0)
      .map(([factor, of]) => mul(of(kernels), factor / parts))
      .reduce((sum, value) => add(sum, value));
  };
  const term = (inner: InnerValues) => ({
    name: "regularization",
    loss: penalty(inner),
    weight: constant(scalar("float32", 1)),
  });
  return {
    objective: {
      ...objective,
      terms: (logits, seen, inner) => [...objective.terms(logits, seen, inner), term(inner)],
    },
    parts: fed,
  };
}

function withoutKernels({ name }: Network): ConfigError {
  return new ConfigError("config/conflict", {
    where: "training.regularization",
    rule: "the network must have kernels",
    got: name,
    fix: "Leave regularization out",
  });
}
