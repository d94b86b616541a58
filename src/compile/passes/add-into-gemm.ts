/**
 * @file Pass: a matrix product and what is added to it become one Gemm.
 *
 *   add(p, gemm(a, b)) → gemm(a, b, c = p)
 *
 * where the product is needed for nothing else and p has its shape. The accumulated gradients of
 * shared weights, residual branches and the momentum of a dense layer's kernel are such sums.
 *
 * A step without this pass takes 1.2 times as long for a GRU of 2x128 units over 49 steps, 1.3-1.5
 * times for 32 units, 1.1 times for a MLP of two layers of 1200, and as long for others.
 */

import { type Graph, makeNode, type Value, valuesOf } from "../../graph/index.ts";
import { sameShape } from "../../tensor/index.ts";
import { usesOf } from "../uses.ts";

/** @returns the same function with an addend in every gemm that can take one */
export function addIntoGemm(graph: Graph): Graph {
  const uses = usesOf(graph);
  const replaced = new Map<Value, Value>();
  const now = (value: Value): Value => replaced.get(value) ?? value;
  const takesAddend = (product: Value, sum: Value): boolean =>
    product.op === "gemm" &&
    product.inputs.length === 2 &&
    uses.once(product) &&
    sum.inputs.every(({ shape }) => sameShape(shape, sum.shape));
  for (const value of valuesOf(graph)) {
    const [a, b] = value.inputs;
    // the later operand first: in a long sum that is the new term
    const product =
      value.op === "add" ? [b!, a!].find((term) => takesAddend(term, value)) : undefined;
    if (product !== undefined) {
      const addend = product === a ? b! : a!;
      const operands = [...product.inputs, addend].map(now);
      replaced.set(value, {
        ...makeNode("gemm", operands, product.attrs, value),
        origin: value.origin,
      });
      continue;
    }
    const inputs = value.inputs.map(now);
    if (inputs.some((operand, position) => operand !== value.inputs[position]))
      replaced.set(value, Object.freeze({ ...value, inputs }));
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: now(value) }));
  return { ...graph, outputs };
}
