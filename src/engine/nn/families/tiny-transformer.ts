/** @file A small transformer encoder for text classification. */

import { assertInRange, ShapeError } from "../../../errors/index.ts";
import type { Value } from "../../graph/index.ts";
import { equal, not } from "../../ops/index.ts";
import { type Shape, showShape } from "../../tensor/index.ts";
import type { NamedBuilder } from "../chain.ts";
import type { LayerBuilder } from "../layer.ts";
import { activation } from "../layers/activation.ts";
import { dense, positionwiseDense } from "../layers/dense.ts";
import { dropout } from "../layers/dropout.ts";
import { embedding, positionEmbedding } from "../layers/embedding.ts";
import { multiHeadAttention } from "../layers/multi-head-attention.ts";
import { layerNorm } from "../layers/normalization.ts";
import { poolPositions } from "../layers/pooling.ts";
import { residual } from "../layers/residual.ts";
import { sequence } from "../layers/sequence.ts";
import { type Network, sequential } from "../network.ts";

export interface TinyTransformerOptions {
  /** number of different tokens */
  readonly vocabulary: number;
  /** default 128 */
  readonly width?: number;
  /** default 4; divides the width */
  readonly heads?: number;
  /** default 2 */
  readonly layers?: number;
  /** units between the two products of a layer's second half; default 4 · width */
  readonly feedForward?: number;
  /** id that fills up short samples and is looked at by no other token; default none */
  readonly padding?: number;
  /** dropout rate after the embedding and in each branch, in [0, 1); default 0 */
  readonly dropout?: number;
}

function encoderLayer(options: TinyTransformerOptions): LayerBuilder {
  const { width = 128, heads = 4, feedForward = 4 * width, dropout: rate = 0 } = options;
  const drop: readonly NamedBuilder[] = rate === 0 ? [] : [["dropout", dropout(rate)]];
  return sequence(
    [
      [
        "attention",
        residual([["norm", layerNorm()], ["heads", multiHeadAttention({ heads })], ...drop]),
      ],
      [
        "feedForward",
        residual([
          ["norm", layerNorm()],
          ["expand", positionwiseDense(feedForward)],
          ["activation", activation("gelu")],
          ["project", positionwiseDense(width)],
          ...drop,
        ]),
      ],
    ],
    "transformer layer",
  );
}

/** @returns bool [batch, positions], true where a token is not padding */
function realTokens(tokens: Value, padding: number): Value {
  return not(equal(tokens, padding));
}

/**
 * Tokens → embedding + learned positions → encoder layers, each normalised before its two halves →
 * normalisation → mean over real tokens → logits.
 *
 * Token ids come as whole numbers, float32 or integers, without scaling: preprocessing must be
 * scale 1 and offset 0.
 *
 * @param inputShape [positions]; @throws ShapeError "shape/rank" for anything else; ConfigError
 *   "config/range" unless layers is a positive integer and heads divides the width
 * @see Vaswani et al. (2017), arXiv:1706.03762; Xiong et al. (2020), On Layer Normalization in the
 *   Transformer Architecture (normalisation first), arXiv:2002.04745
 */
export function tinyTransformer(
  options: TinyTransformerOptions,
  inputShape: Shape,
  classes: number,
): Network {
  const { vocabulary, width = 128, layers = 2, padding, dropout: rate = 0 } = options;
  assertInRange("tinyTransformer", { layers }, { from: 1, isInteger: true });
  if (inputShape.length !== 1)
    throw new ShapeError("shape/rank", {
      where: "tinyTransformer",
      rule: "the input must be token ids [positions]",
      got: showShape(inputShape),
      fix: "Give one id per position",
      details: { shape: inputShape },
    });
  const drop: readonly NamedBuilder[] = rate === 0 ? [] : [["dropout", dropout(rate)]];
  const body = Array.from(
    { length: layers },
    (_, i): NamedBuilder => [`layer${i + 1}`, encoderLayer(options)],
  );
  const network = sequential(`tinyTransformer ${width}x${layers}-${classes}`, inputShape, [
    ["embedding", embedding({ vocabulary, width })],
    ["positions", positionEmbedding()],
    ...drop,
    ...body,
    ["norm", layerNorm()],
    ["pool", poolPositions("mean")],
    ["output", dense(classes)],
  ]);
  if (padding === undefined) return network;
  return {
    ...network,
    forward: (tokens, context) =>
      network.forward(tokens, { ...context, mask: realTokens(tokens, padding) }),
  };
}
