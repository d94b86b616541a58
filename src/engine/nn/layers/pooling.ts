/** @file Pooling layers over [channels, height, width]. */

import { assertKnown } from "../../../errors/index.ts";
import { input, type Value } from "../../graph/index.ts";
import {
  averagePool,
  globalAveragePool as globalAveragePoolOf,
  maxPool,
  reshape,
} from "../../ops/index.ts";
import type { LayerBuilder } from "../layer.ts";

/**
 * Max or average pooling. @param size window and stride. @throws ConfigError "config/unknown-name"
 */
export function pool2d(kind: "max" | "average", size: number): LayerBuilder {
  assertKnown("pool2d", "kind of pooling", kind, ["max", "average"]);
  const attrs = { kernel: [size, size], strides: [size, size] } as const;
  const apply = (x: Value): Value => (kind === "max" ? maxPool(x, attrs) : averagePool(x, attrs));
  return (inputShape) => ({
    kind: `${kind} pool`,
    parameters: [],
    outputShape: apply(input("x", "float32", [1, ...inputShape])).shape.slice(1),
    macs: 0,
    apply,
  });
}

/** Mean over height and width: [channels, height, width] → [channels]. */
export function globalAveragePool(): LayerBuilder {
  return ([channels]) => ({
    kind: "global average pool",
    parameters: [],
    outputShape: [channels!],
    macs: 0,
    apply: (x) => reshape(globalAveragePoolOf(x), [x.shape[0]!, channels!]),
  });
}
