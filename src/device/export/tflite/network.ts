/** @file The network under construction: tensors with their data, and operators in order. */

import type { Shape } from "../../../engine/tensor/index.ts";
import type { Quantization } from "../../quantize/index.ts";
import type { Program } from "../channels-last/channels-last.ts";
import type { OperatorName } from "./operators.ts";
import type { Options } from "./schema.ts";

/** Scales of a tensor: one, or one per index of an axis. */
interface Scales {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis: number;
}

export interface NetworkTensor {
  readonly name: string;
  readonly type: "int8" | "int32";
  readonly shape: Shape;
  readonly scales?: Scales;
  /** of constants */
  readonly data?: Int8Array | Int32Array;
}

interface NetworkOperation {
  readonly operator: OperatorName;
  /** positions in `tensors` */
  readonly inputs: readonly number[];
  readonly output: number;
  readonly options: Options;
}

/** What a layer's lowering writes to; tensors are named by their position. */
export interface Network {
  /** whether functions become operators of that name, where there are such */
  readonly namedFunctions: boolean;
  readonly tensors: readonly NetworkTensor[];
  readonly operations: readonly NetworkOperation[];
  /** @returns a new tensor */
  readonly tensor: (tensor: NetworkTensor) => number;
  readonly operate: (
    operator: OperatorName,
    inputs: readonly number[],
    output: number,
    options: Options,
  ) => void;
  /** @returns the tensor of a storage that is there, reshaped if its shape is another */
  readonly operand: (storage: number, shape: Shape) => number;
  /** @returns the shape in which a storage was made */
  readonly shapeOf: (storage: number) => Shape;
  /** @returns a new tensor that is to hold a storage */
  readonly result: (storage: number, shape: Shape) => number;
}

export function oneScale({ scale, zeroPoint }: Quantization): Scales {
  return { scale: [scale], zeroPoint: [zeroPoint], axis: 0 };
}

/** @returns a network without layers over the program's storages */
export function emptyNetwork({ storages }: Program, namedFunctions: boolean): Network {
  const tensors: NetworkTensor[] = [];
  const operations: NetworkOperation[] = [];
  const homes = new Map<number, number>();
  const reshaped = new Map<string, number>();
  const tensor = (made: NetworkTensor): number => tensors.push(made) - 1;
  const operate: Network["operate"] = (operator, inputs, output, options) =>
    void operations.push({ operator, inputs, output, options });
  const homeOf = (storage: number): number => homes.get(storage)!; // steps stand in order

  const operand = (storage: number, shape: Shape): number => {
    const home = homeOf(storage);
    const from = tensors[home]!;
    if (from.shape.join() === shape.join()) return home;
    const key = `${storage}: ${shape.join()}`;
    const known = reshaped.get(key);
    if (known !== undefined) return known;
    const view = tensor({ ...from, name: `${from.name} as ${shape.join("x")}`, shape });
    const wanted = tensor({
      name: `${from.name}/shape`,
      type: "int32",
      shape: [shape.length],
      data: Int32Array.from(shape),
    });
    const options = { type: "ReshapeOptions", table: { newShape: shape } } as const;
    operate("RESHAPE", [home, wanted], view, options);
    reshaped.set(key, view);
    return view;
  };
  const result = (storage: number, shape: Shape): number => {
    const { name, dtype, ...quantization } = storages[storage]!; // the program's own
    const scales = dtype === "int8" ? { scales: oneScale(quantization) } : {};
    const made = tensor({ name, type: dtype, shape, ...scales });
    homes.set(storage, made);
    return made;
  };
  const shapeOf = (storage: number): Shape => tensors[homeOf(storage)]!.shape;
  return { namedFunctions, tensors, operations, tensor, operate, operand, shapeOf, result };
}
