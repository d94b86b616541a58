/** @file Two feature maps brought to one size: the larger is averaged over equal windows. */

import type { Value } from "../../../engine/graph/index.ts";
import { matMul, reshape } from "../../../engine/ops/index.ts";
import { elementCount, showShape } from "../../../engine/tensor/index.ts";
import { ShapeError } from "../../../errors/index.ts";
import { constantLike } from "../constant-like.ts";

/**
 * Along each axis of positions the larger of two maps is average-pooled to the smaller's size, in
 * windows that touch and do not overlap. Channels are left alone and may differ.
 *
 * @param named two float maps [batch, channels, height, width] or [batch, channels, length]; the
 *   keys name them in messages
 * @returns both, with the same sizes after the channels
 * @throws ShapeError "shape/rank" for other axes; "shape/mismatch" unless both have one batch and
 *   as many axes, and each larger size is a multiple of the smaller
 */
export function matchedMaps(
  where: string,
  named: Readonly<Record<string, Value>>,
): readonly [Value, Value] {
  assertMaps(where, named);
  const [first, second] = Object.values(named) as [Value, Value]; // checked above
  return [pooledTo(first, second), pooledTo(second, first)];
}

/** @returns the map, no axis of positions longer than that of `other` */
function pooledTo(map: Value, other: Value): Value {
  let pooled = map;
  // the last axis first, which leaves fewer numbers for the one before it
  for (let axis = map.shape.length - 1; axis >= 2; axis--) {
    const size = other.shape[axis]!;
    if (pooled.shape[axis]! > size) pooled = pooledAlong(pooled, axis, size);
  }
  return pooled;
}

/**
 * Means of windows along one axis: one product with a constant matrix. With its gradient, a
 * reduction over an axis of windows takes ONNX Runtime six times as long (measured on
 * [64, 32, 16, 16], one thread).
 */
function pooledAlong(map: Value, axis: number, size: number): Value {
  const { shape } = map;
  const window = shape[axis]! / size;
  const inner = elementCount(shape.slice(axis + 1));
  const shares = new Float64Array(window * inner * inner);
  for (let row = 0; row < window * inner; row++) shares[row * inner + (row % inner)] = 1 / window;
  const windows = reshape(map, [-1, window * inner]);
  const means = matMul(windows, constantLike(map, [window * inner, inner], shares)); // [-1, inner]
  return reshape(means, [...shape.slice(0, axis), size, ...shape.slice(axis + 1)]);
}

function assertMaps(where: string, named: Readonly<Record<string, Value>>): void {
  const names = Object.keys(named).join(" and ");
  const shapes = Object.values(named).map(({ shape }) => shape);
  const refused = (code: string, rule: string, fix: string): ShapeError =>
    new ShapeError(code, {
      where,
      rule: `${names} ${rule}`,
      got: shapes.map(showShape).join(" and "),
      fix,
      details: { shapes },
    });
  const [first, second] = shapes;
  if (shapes.some(({ length }) => length !== 3 && length !== 4))
    throw refused(
      "shape/rank",
      "must be maps [batch, channels, height, width] or [batch, channels, length]",
      "Choose layers whose output has positions, such as convolutions",
    );
  if (first!.length !== second!.length || first![0] !== second![0])
    throw refused(
      "shape/mismatch",
      "must be maps of the same batch, with as many axes",
      "Choose layers of the same kind, and give both models the same samples",
    );
  const fits = (size: number, other: number): boolean => size % other === 0 || other % size === 0;
  if (!first!.slice(2).every((size, axis) => fits(size, second![axis + 2]!)))
    throw refused(
      "shape/mismatch",
      "must have sizes of which the larger is a multiple of the smaller",
      "Choose layers whose strides multiply to the same number, or pad the larger map",
    );
}
