/**
 * @file Parameters of a network: what they are called, their shape, their role and how they start.
 */

import { randomStream, type Shape, type Tensor, zeros } from "../tensor/index.ts";

/**
 * kernel and bias are trained weights, scale and offset belong to normalisation, a statistic is
 * moved by the forward pass.
 */
type ParameterRole = "kernel" | "bias" | "scale" | "offset" | "statistic";

/**
 * How a parameter starts: a constant, a normal distribution around 0, or He's, whose standard
 * deviation is √(2 / fanIn).
 *
 * @see He et al. (2015), Delving Deep into Rectifiers, §2.2, arXiv:1502.01852
 */
type Initializer =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "normal"; readonly deviation: number }
  | { readonly kind: "heNormal"; readonly fanIn: number };

export interface ParameterSpec {
  /** layer path and name: "hidden1/kernel" */
  readonly name: string;
  readonly shape: Shape;
  readonly role: ParameterRole;
  readonly initializer: Initializer;
  /** axis of a kernel's units; default the last of two, else the first */
  readonly unitAxis?: number;
}

export function isTrainable(parameter: ParameterSpec): boolean {
  return parameter.role !== "statistic";
}

/**
 * Starting values. Each is a function of (seed, the parameter's name) alone, so two networks that
 * share a layer start it alike.
 *
 * @returns float32 tensors by parameter name
 */
export function initialParameters(
  parameters: readonly ParameterSpec[],
  seed: number,
): ReadonlyMap<string, Tensor<"float32">> {
  return new Map(parameters.map((parameter) => [parameter.name, initialValue(parameter, seed)]));
}

function initialValue(
  { name, shape, initializer }: ParameterSpec,
  seed: number,
): Tensor<"float32"> {
  const start = zeros("float32", shape);
  if (initializer.kind === "constant") {
    start.data.fill(initializer.value);
    return start;
  }
  const { normal } = randomStream(seed, "init", name);
  const deviation =
    initializer.kind === "normal" ? initializer.deviation : Math.sqrt(2 / initializer.fanIn);
  for (let index = 0; index < start.data.length; index++) start.data[index] = normal() * deviation;
  return start;
}
