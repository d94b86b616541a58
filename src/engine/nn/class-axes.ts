/** @file Which weights of a network have an axis of classes: found, not known by name. */

import type { Shape } from "../tensor/index.ts";
import { buildNetwork, type NetworkSpec } from "./families/registry.ts";

/**
 * @param shape of one sample
 * @returns by name, the axis whose length is the number of classes, of those parameters that have
 *   one: the output layer's kernel and bias
 */
export function classAxes(
  spec: NetworkSpec,
  shape: Shape,
  classes: number,
): ReadonlyMap<string, number> {
  const wider = new Map(
    buildNetwork(spec, shape, classes + 1).parameters.map((each) => [each.name, each.shape]),
  );
  return new Map(
    buildNetwork(spec, shape, classes).parameters.flatMap(({ name, shape: own }) => {
      const axis = own.findIndex((length, at) => length !== wider.get(name)?.[at]);
      return axis < 0 ? [] : [[name, axis] as const];
    }),
  );
}
