/** @file Dropout as a layer: off outside training. */

import { assertInRange } from "../../../errors/index.ts";
import { dropout as dropoutOf } from "../../ops/index.ts";
import { type LayerBuilder, shapeKeeping } from "../layer.ts";

/**
 * Zeroes each element with probability `rate` in training and scales the rest by 1 / (1 − rate).
 *
 * @param rate in [0, 1)
 * @throws ConfigError "config/range"
 * @see Srivastava et al. (2014), Dropout, JMLR 15
 */
export function dropout(rate: number): LayerBuilder {
  assertInRange("dropout", { rate }, { from: 0, below: 1 });
  return shapeKeeping("dropout", (x, { training, seed, stream }) =>
    training && rate > 0 ? dropoutOf(x, { rate, seed: seed(), stream }) : x,
  );
}
