/** @file A small recurrent network whose answer is made of its last state, with drawn weights. */

import { type Graph, input } from "../../src/engine/graph/index.ts";
import { gruSequence, reshape, slice, transpose } from "../../src/engine/ops/index.ts";
import { builder, graphOf } from "./quantized-networks.ts";

const [steps, features, units] = [6, 3, 5];

/** @param linearBeforeReset whether the reset gate comes behind the recurrent product */
export function recurrentNetwork(linearBeforeReset: boolean): Graph {
  const { draw, dense } = builder(41);
  const samples = input("samples", "float32", [1, steps, features]);
  const states = gruSequence(
    transpose(samples, [1, 0, 2]),
    draw([3 * units, features], 0.5),
    draw([3 * units, units], 0.5),
    draw([6 * units], 0.2),
    { linearBeforeReset },
  );
  const rows = transpose(states, [1, 0, 2]);
  const last = slice(rows, { starts: [steps - 1], ends: [steps], axes: [1] });
  return graphOf("recurrent", samples, dense(reshape(last, [1, units]), 4));
}
