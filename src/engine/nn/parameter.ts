/** @file Parameters of a network: their shapes, how they start, what kinds there are. */

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

/** @returns a kernel for a layer before a rectifier: He's initialisation */
export function rectifierKernel(shape: Shape, fanIn: number, name = "kernel"): ParameterSpec {
  return { name, shape, role: "kernel", initializer: { kind: "heNormal", fanIn } };
}

/** @returns a kernel that keeps the variance of its inputs: deviation 1 / √fanIn */
export function linearKernel(shape: Shape, fanIn: number, name = "kernel"): ParameterSpec {
  const initializer = { kind: "normal", deviation: 1 / Math.sqrt(fanIn) } as const;
  return { name, shape, role: "kernel", initializer };
}

/** @returns a bias that starts at 0 */
export function zeroBias(units: number, name = "bias"): ParameterSpec {
  return { name, shape: [units], role: "bias", initializer: { kind: "constant", value: 0 } };
}

/** @returns scale and offset of a normalisation: it starts as nothing but that */
export function scaleAndOffset(size: number): readonly [ParameterSpec, ParameterSpec] {
  const start = (value: number) => ({ kind: "constant", value }) as const;
  return [
    { name: "scale", shape: [size], role: "scale", initializer: start(1) },
    { name: "offset", shape: [size], role: "offset", initializer: start(0) },
  ];
}
