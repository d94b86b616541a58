/** @file Recurrent classifier: gated recurrent units, then one dense layer. */

import { assertKnown } from "../../../errors/index.ts";
import type { Shape } from "../../tensor/index.ts";
import type { NamedBuilder } from "../chain.ts";
import { dense } from "../layers/dense.ts";
import { dropout } from "../layers/dropout.ts";
import { gru as gruLayer } from "../layers/gru.ts";
import { type PositionPooling, poolPositions, positionPoolings } from "../layers/pooling.ts";
import { asSequence } from "../layers/sequence-shape.ts";
import { type Network, sequential } from "../network.ts";

export interface GruOptions {
  /** of each level: [128, 128] */
  readonly units: readonly number[];
  /** the last state (default), or the mean of all */
  readonly pooling?: PositionPooling;
  /** dropout rate between levels and before the output, in [0, 1); default 0 */
  readonly dropout?: number;
}

/**
 * @param inputShape [time, features]; [1, time, features] and [time] are taken too
 * @throws ShapeError "shape/rank" for anything else; ConfigError "config/unknown-name"
 */
export function gru(options: GruOptions, inputShape: Shape, classes: number): Network {
  const { units, pooling = "last", dropout: rate = 0 } = options;
  assertKnown("gru", "pooling", pooling, positionPoolings);
  const returnSequences = pooling === "mean";
  const drop: readonly NamedBuilder[] = rate === 0 ? [] : [["dropout", dropout(rate)]];
  const pool: readonly NamedBuilder[] = returnSequences ? [["pool", poolPositions("mean")]] : [];
  return sequential(`gru ${units.join("-")}-${classes}`, inputShape, [
    ["sequence", asSequence()],
    ["gru", gruLayer({ units, returnSequences, dropout: rate })],
    ...pool,
    ...drop,
    ["output", dense(classes)],
  ]);
}
