/**
 * @file Reverse-mode differentiation: one walk over the graph, backwards. Nothing here knows an
 * operator.
 */

import { GraphError } from "../../errors/index.ts";
import { topologicalOrder, type Value } from "../graph/index.ts";
import { asValue, definitionOf, type Ops, ops } from "../ops/index.ts";
import { isFloat, type Shape, sameShape, showShape } from "../tensor/index.ts";

/**
 * Derivatives of a scalar with respect to values that it depends on.
 *
 * @param loss float, shape []
 * @param wrt values of the graph, usually parameters
 * @returns one value per entry of `wrt`, of the same dtype and shape
 * @throws GraphError "autodiff/scalar" if the loss is no scalar; "autodiff/unreachable" if the loss
 *   does not depend on an entry; "autodiff/no-gradient" if the only way to it leads through an
 *   operator without derivative, or any way through one whose derivative is not 0, but not built
 */
export function gradients(loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.shape.length !== 0 || !isFloat(loss.dtype))
    throw new GraphError("autodiff/scalar", {
      where: "gradients",
      rule: "the loss must be a float scalar",
      got: `${loss.dtype}${showShape(loss.shape)}`,
      fix: "Reduce it first, for example with reduceMean",
    });
  const order = topologicalOrder([loss]);
  const targets = new Set(wrt);
  const onPath = new Set<Value>();
  for (const value of order)
    if (targets.has(value) || (value.inputs.some((each) => onPath.has(each)) && passes(value)))
      onPath.add(value);
  const cotangents = new Map<Value, Value>([[loss, asValue(1, loss.dtype)]]);
  for (let index = order.length - 1; index >= 0; index--)
    propagate(order[index]!, onPath, cotangents);
  return wrt.map((target) => cotangents.get(target) ?? unreachable(target, order));
}

/** Whether a derivative of the value with respect to its operands can be other than 0. */
function passes({ op }: Value): boolean {
  const { vjp, cutsGradient } = definitionOf(op);
  return !cutsGradient && (typeof vjp === "function" || vjp.unbuilt !== undefined);
}

/** Sends a value's cotangent on to its operands. */
function propagate(value: Value, onPath: ReadonlySet<Value>, cotangents: Map<Value, Value>): void {
  const cotangent = cotangents.get(value);
  if (cotangent === undefined || !value.inputs.some((operand) => onPath.has(operand))) return;
  const { vjp } = definitionOf(value.op);
  if (typeof vjp !== "function") {
    if (vjp.unbuilt?.some((at) => onPath.has(value.inputs[at]!)))
      throw unbuilt(value, vjp.noGradient);
    return;
  }
  const parts = vjp({ inputs: value.inputs, attrs: value.attrs, output: value, cotangent, ops });
  for (const [position, part] of parts.entries()) {
    const operand = value.inputs[position];
    if (operand === undefined || part === null || !onPath.has(operand)) continue;
    const summed = sumToShape(part, operand.shape, ops);
    const sofar = cotangents.get(operand);
    cotangents.set(operand, sofar === undefined ? summed : ops.add(sofar, summed));
  }
}

/**
 * Undoes broadcasting: sums over the axes that were stretched. The one place where this happens.
 */
function sumToShape(value: Value, shape: Shape, table: Ops): Value {
  if (sameShape(value.shape, shape)) return value;
  const lead = value.shape.length - shape.length;
  const axes = value.shape.flatMap((size, axis) =>
    axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
  );
  const summed = axes.length === 0 ? value : table.reduceSum(value, { axes, keepDims: false });
  return sameShape(summed.shape, shape) ? summed : table.reshape(summed, shape);
}

/** Without this part the others would be a gradient, and a wrong one. */
function unbuilt({ op, name, origin }: Value, why: string): GraphError {
  return new GraphError("autodiff/no-gradient", {
    where: name || origin || op,
    rule: "every path from the loss to the values must be differentiable, or be cut",
    got: `${op}: ${why}`,
    fix: "Use a differentiable operator, or put stopGradient around its operands",
  });
}

function unreachable(target: Value, order: readonly Value[]): never {
  const name = target.name || target.origin || target.op;
  const reasons = reasonsAfter(target, order);
  if (reasons.length > 0)
    throw new GraphError("autodiff/no-gradient", {
      where: "gradients",
      rule: `some path from the loss to "${name}" must be differentiable`,
      got: `operators without derivative (${reasons.join("; ")})`,
      fix: "Use a differentiable operator, or leave this value out of wrt",
    });
  throw new GraphError("autodiff/unreachable", {
    where: "gradients",
    rule: `the loss must depend on "${name}"`,
    got: "no path between them",
    fix: "Leave it out of wrt, or look for a stopGradient in between",
  });
}

/** @returns what stands between the target and the loss and has no derivative, each reason once */
function reasonsAfter(target: Value, order: readonly Value[]): string[] {
  const dependents = new Set<Value>([target]);
  const reasons = new Set<string>();
  for (const value of order) {
    if (!value.inputs.some((operand) => dependents.has(operand))) continue;
    dependents.add(value);
    const { vjp } = definitionOf(value.op);
    if (typeof vjp !== "function") reasons.add(`${value.op}: ${vjp.noGradient}`);
  }
  return [...reasons];
}
