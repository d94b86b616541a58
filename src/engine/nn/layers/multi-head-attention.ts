/** @file Self-attention with several heads. */

import { ConfigError } from "../../../errors/index.ts";
import type { Value } from "../../graph/index.ts";
import { gemm, reshape, scaledDotProductAttention, transpose } from "../../ops/index.ts";
import type { LayerBuilder, LayerContext } from "../layer.ts";
import type { ParameterSpec } from "../parameter.ts";
import { linearKernel, zeroBias } from "../parameter.ts";
import { assertSequence } from "./sequence-shape.ts";

interface MultiHeadAttentionOptions {
  /** divides the width */
  readonly heads: number;
  /** positions see only themselves and earlier ones; default false */
  readonly causal?: boolean;
}

const projections = ["query", "key", "value", "output"] as const;

/**
 * Each position looks at all positions that the context's mask leaves:
 *
 *   y = concat over heads of attention(x W_q, x W_k, x W_v) · W_o, each product with a bias
 *
 * [positions, width] → [positions, width]; four kernels float32 [width, width], four biases
 * [width].
 *
 * @throws ShapeError "shape/rank"; ConfigError "config/range" unless heads divides the width
 * @see Vaswani et al. (2017), Attention Is All You Need, §3.2.2, arXiv:1706.03762
 */
export function multiHeadAttention(options: MultiHeadAttentionOptions): LayerBuilder {
  const { heads, causal = false } = options;
  return (inputShape) => {
    const [positions, width] = assertSequence("multiHeadAttention", inputShape);
    if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0)
      throw new ConfigError("config/range", {
        where: "multiHeadAttention",
        rule: `heads must divide the width ${width}`,
        got: String(heads),
        fix: "Choose a divisor",
        details: { heads, width },
      });
    return {
      kind: "multi-head attention",
      parameters: projections.flatMap((name): ParameterSpec[] => [
        linearKernel([width, width], width, `${name}Kernel`),
        zeroBias(width, `${name}Bias`),
      ]),
      outputShape: inputShape,
      macs: 4 * positions * width * width + 2 * positions * positions * width,
      apply: (x, context) => attend(x, context, heads, causal),
    };
  };
}

function attend(x: Value, context: LayerContext, heads: number, causal: boolean): Value {
  const [batch, positions, width] = x.shape as readonly [number, number, number]; // a sequence
  const { parameter, mask } = context;
  const project = (rows: Value, name: (typeof projections)[number]): Value =>
    gemm(rows, parameter(`${name}Kernel`), { c: parameter(`${name}Bias`) });
  const rows = reshape(x, [batch * positions, width]);
  const split = (y: Value): Value =>
    transpose(reshape(y, [batch, positions, heads, width / heads]), [0, 2, 1, 3]); // [batch, heads, positions, width / heads]
  const [query, key, value] = (["query", "key", "value"] as const).map((name) =>
    split(project(rows, name)),
  );
  const seen = scaledDotProductAttention(query!, key!, value!, {
    causal,
    ...(mask === undefined ? {} : { mask: reshape(mask, [batch, 1, 1, positions]) }),
  });
  const joined = reshape(transpose(seen, [0, 2, 1, 3]), [batch, positions, width]);
  const output = project(reshape(joined, [batch * positions, width]), "output");
  return reshape(output, [batch, positions, width]);
}
