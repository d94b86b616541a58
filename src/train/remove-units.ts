/** @file Units that do nothing taken out of a multilayer perceptron, for good. */

import { type Tensor, tensor } from "../tensor/index.ts";
import type { Model } from "./model-file.ts";

/**
 * The same function with fewer hidden units: those whose incoming weights and bias are all zero go,
 * together with the rows of the next layer that read them. A layer keeps at least one unit.
 *
 * @param model of family mlp, whose activation maps 0 to 0
 * @returns a model whose spec names the units that are left; other families as they are
 */
export function withoutDeadUnits(model: Model): Model {
  const { spec } = model;
  if (spec.family !== "mlp") return model;
  const weights = new Map(model.weights);
  const names = [...spec.hidden.map((_, index) => `hidden${index + 1}`), "output"];
  const hidden = spec.hidden.map((units, index) => {
    const kernel = weights.get(`${names[index]!}/kernel`)!; // the family's own parameters
    const bias = weights.get(`${names[index]!}/bias`)!;
    const alive = aliveUnits(kernel, bias, units);
    const nextKernel = `${names[index + 1]!}/kernel`;
    weights.set(`${names[index]!}/kernel`, columns(kernel, alive));
    weights.set(`${names[index]!}/bias`, elements(bias, alive));
    weights.set(nextKernel, rows(weights.get(nextKernel)!, alive));
    return alive.length;
  });
  return { ...model, spec: { ...spec, hidden }, weights };
}

function aliveUnits(kernel: Tensor, bias: Tensor, units: number): readonly number[] {
  const isAlive = (unit: number): boolean =>
    Number(bias.data[unit]) !== 0 ||
    Array.from({ length: kernel.shape[0]! }, (_, row) => row).some(
      (row) => Number(kernel.data[row * units + unit]) !== 0,
    );
  const alive = Array.from({ length: units }, (_, unit) => unit).filter(isAlive);
  return alive.length === 0 ? [0] : alive;
}

function columns({ data, shape }: Tensor, kept: readonly number[]): Tensor {
  const [height, width] = [shape[0]!, shape[1]!];
  const result = new Float32Array(height * kept.length);
  for (let row = 0; row < height; row++)
    for (const [to, from] of kept.entries())
      result[row * kept.length + to] = Number(data[row * width + from]);
  return tensor("float32", [height, kept.length], result);
}

function rows({ data, shape }: Tensor, kept: readonly number[]): Tensor {
  const width = shape[1]!;
  const result = new Float32Array(kept.length * width);
  for (const [to, from] of kept.entries())
    for (let column = 0; column < width; column++)
      result[to * width + column] = Number(data[from * width + column]);
  return tensor("float32", [kept.length, width], result);
}

function elements({ data }: Tensor, kept: readonly number[]): Tensor {
  return tensor(
    "float32",
    [kept.length],
    Float32Array.from(kept, (from) => Number(data[from])),
  );
}
