/**
 * @file Operators element by element follow images into blocks: the numbers lie in another order
 * there, and no such operator minds. Of them, a convolution adds another image, and relu, while it
 * writes its result.
 *
 * With them left outside, a step of DS-CNN reorders 59 images instead of 11 and takes 1.5 times as
 * long, of ResNet-8 43 instead of 19 and 1.1 times, of a CNN 8 instead of 5 and as long (batch 64,
 * one thread, block of 16; least of 40 rounds in turns on a loaded machine). What a convolution
 * does saves a pass over the image: a step of DS-CNN takes 0.93 of the time that it takes without,
 * of ResNet-8 0.94.
 */

import { type Attrs, makeNode, type Uses, type Value, withInputs } from "../../../graph/index.ts";
import { definitionOf } from "../../../ops/index.ts";
import { elementCount, sameShape } from "../../../tensor/index.ts";
import { absent, blocksOf, fromBlocks, isBlocked, toBlocks, viewed } from "./operators.ts";

/**
 * Moves an operator into blocks where its operands are in them, or some are and blocks are what the
 * result is read in; the others are brought in. An operand is as large as the result or one number.
 *
 * @param readsBlocks whether an operator, by its name, has a form for an image in blocks
 * @returns the result in the usual layout, or undefined if the operator stays there
 */
export function elementwiseInBlocks(
  node: Value,
  inputs: readonly Value[],
  uses: Uses,
  readsBlocks: (op: string) => boolean,
): Value | undefined {
  if (!isElementwise(node) || ![node, ...node.inputs].every((each) => fits(each, node)))
    return undefined;
  const isWhole = node.inputs.map(({ shape }) => sameShape(shape, node.shape));
  const whole = inputs.filter((_, at) => isWhole[at]);
  const outside = whole.filter((image) => blocksOf(image) === undefined);
  if (outside.length === whole.length) return undefined;
  if (outside.length > 0 && !isReadInBlocks(node)) return undefined;
  const blocks = inputs.map((image, at) => (isWhole[at] ? toBlocks(image) : image));
  return fromBlocks(inConv(node, blocks, uses) ?? withInputs(node, blocks));

  /** By an operator with a form for it, or after others element by element: each looked at once. */
  function isReadInBlocks(value: Value, seen = new Set<Value>()): boolean {
    if (seen.has(value)) return false;
    seen.add(value);
    return uses
      .readers(value)
      .some(
        (reader) =>
          readsBlocks(reader.op) ||
          (isElementwise(reader) && fits(value, reader) && isReadInBlocks(reader, seen)),
      );
  }
}

function isElementwise({ op }: Value): boolean {
  return op !== "constant" && op !== "input" && definitionOf(op).elementwise === true;
}

function fits({ dtype, shape }: Value, node: Value): boolean {
  return dtype === "float32" && (sameShape(shape, node.shape) || elementCount(shape) === 1);
}

/** @returns what a convolution gives that does it too, in blocks; undefined if none does */
function inConv(node: Value, blocks: readonly Value[], uses: Uses): Value | undefined {
  const results = blocks.map((operand, at) =>
    uses.once(node.inputs[at]!) ? convBehind(operand) : undefined,
  );
  if (node.op === "relu" && results[0] !== undefined)
    return again(blocks[0]!, results[0].inputs, { ...results[0].attrs, activation: "Relu" });
  if (node.op !== "add" || !node.inputs.every(({ shape }) => sameShape(shape, node.shape)))
    return undefined;
  const side = [1, 0].find((each) => (results[each]?.inputs.length ?? 4) < 4);
  if (side === undefined) return undefined;
  const { inputs, attrs, shape } = results[side]!;
  const [image, kernel, bias = absent] = inputs as readonly [Value, Value, Value?];
  const other = blocks[1 - side]!;
  const addend = blocks[side] === results[side] ? other : viewed(other, shape);
  return again(blocks[side]!, [image, kernel, bias, addend], attrs);
}

/** @returns the convolution that gave a result, seen in another shape or not, if it can do more */
function convBehind(result: Value): Value | undefined {
  const conv = result.op === "exactReshape" ? result.inputs[0]! : result;
  return isBlocked(conv, "Conv") && !("activation" in conv.attrs) ? conv : undefined;
}

/** @returns the result of a convolution on other operands */
function again(result: Value, inputs: readonly Value[], attrs: Attrs): Value {
  const conv = result.op === "exactReshape" ? result.inputs[0]! : result;
  const made = makeNode(conv.op, inputs, attrs, conv);
  return conv === result ? made : viewed(made, result.shape);
}
