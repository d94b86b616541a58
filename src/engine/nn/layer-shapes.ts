/** @file What a network's layers give, without running it. */

import { input } from "../graph/index.ts";
import type { Shape } from "../tensor/index.ts";
import type { Network } from "./network.ts";

/** @returns the shape of each layer's output for one sample, by the layer's path, inner ones too */
export function layerShapes({
  inputShape,
  parameters,
  forward,
}: Pick<Network, "inputShape" | "parameters" | "forward">): ReadonlyMap<string, Shape> {
  const placeholders = new Map(
    parameters.map(({ name, shape }) => [name, input(name, "float32", shape)]),
  );
  const shapes = new Map<string, Shape>();
  forward(input("x", "float32", [1, ...inputShape]), {
    training: false,
    parameter: (name) => placeholders.get(name)!, // the network's own names
    seed: () => input("seed", "uint32", []), // never asked for outside training
    updateStatistic: () => undefined,
    tap: (path, output) => void shapes.set(path, output.shape.slice(1)),
  });
  return shapes;
}
