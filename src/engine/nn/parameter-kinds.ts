/** @file The parameters that layers have in common. */

import type { Shape } from "../tensor/index.ts";
import type { ParameterSpec } from "./parameter.ts";

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
