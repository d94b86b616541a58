/**
 * @file Operators element by element follow images into the runtime's blocks: the numbers lie in
 * another order there, and no such operator minds.
 *
 * Its gain is that of blocked-layout.ts, whose other forms find their operands in blocks by it:
 * with it off and those on, a step of DS-CNN reorders 59 images instead of 11 and takes 1.5 times
 * as long, of ResNet-8 43 instead of 19 and 1.1 times, of a CNN 8 instead of 5 and as long (batch
 * 64, one thread, block of 16; least of 40 rounds in turns on a loaded machine).
 */

import type { Attrs, Value } from "../graph/index.ts";
import {
  blocksOf,
  definitionOf,
  fromBlocks,
  type OnnxContext,
  type OpDefinition,
  toBlocks,
} from "../ops/index.ts";
import { elementCount, sameShape } from "../tensor/index.ts";
import type { Uses } from "./uses.ts";

/**
 * Emits an operator in blocks where its operands are in them, or some are and blocks are what the
 * result is read in; the others are brought in. An operand is as large as the result or one number.
 *
 * @returns the name of the result in the usual layout, or undefined if the operator stays there
 */
export function elementwiseInBlocks(
  { toOnnx, elementwise = false }: OpDefinition,
  context: OnnxContext<Attrs>,
  uses: Uses,
): string | undefined {
  const { emit, node, inputs } = context;
  if (!elementwise || ![node, ...node.inputs].every((each) => fitsBlocks(each, node)))
    return undefined;
  const isWhole = node.inputs.map(({ shape }) => sameShape(shape, node.shape));
  const whole = inputs.filter((_, at) => isWhole[at]);
  const outside = whole.filter((name) => blocksOf(emit, name) === undefined);
  if (outside.length === whole.length) return undefined;
  if (outside.length > 0 && !isReadInBlocks(node, uses)) return undefined;
  const blocks = inputs.map((name, at) => (isWhole[at] ? toBlocks(emit, name) : name));
  return fromBlocks(emit, toOnnx({ ...context, inputs: blocks }), node.shape[1]!);
}

function fitsBlocks({ dtype, shape }: Value, node: Value): boolean {
  return dtype === "float32" && (sameShape(shape, node.shape) || elementCount(shape) === 1);
}

/** By an operator with a form for it, or after others element by element: each looked at once. */
function isReadInBlocks(value: Value, uses: Uses, seen = new Set<Value>()): boolean {
  if (seen.has(value)) return false;
  seen.add(value);
  return uses.readers(value).some((reader) => {
    const { readsBlocks = false, elementwise = false } = definitionOf(reader.op);
    if (readsBlocks) return true;
    return elementwise && fitsBlocks(value, reader) && isReadInBlocks(reader, uses, seen);
  });
}
