/** @file What the C form of a layer is: its constants, its call, its kernels and its memory. */

import type { ProgramLayer, Step } from "../channels-last/channels-last.ts";
import type { KernelName } from "./kernels/kernels.ts";
import type { KernelTraits } from "./kernels/scale.ts";

/** C expressions of pointers into the arena. */
interface Pointers {
  readonly inputs: readonly string[];
  readonly output: string;
  readonly scratch: string;
}

/** Bytes for either kernel path. */
interface PathBytes {
  readonly portable: number;
  readonly dsp: number;
}

export interface COperation {
  readonly kernels: readonly KernelName[];
  /** definitions of the layer's tables */
  readonly constants: string;
  /** bytes of flash that the tables take */
  readonly constantBytes: number;
  readonly call: (pointers: Pointers) => string;
  /** of recurrent layers: one step on a state that is kept, and its size */
  readonly held?: {
    readonly stateBytes: number;
    readonly call: (pointers: Pointers, state: string) => string;
  };
  /** of layers that CMSIS-NN can compute, in another order than ours: input and output lie apart */
  readonly cmsisNn?: {
    readonly scratchBytes: number;
    readonly call: (pointers: Pointers) => string;
  };
  readonly scratch: PathBytes;
  /** least distance at which the output may overlap the input, or null if never; one per input */
  readonly overlaps: readonly ({ readonly portable: number; readonly dsp: number } | null)[];
  /** multiply-accumulate operations */
  readonly macs: number;
}

/** @param name unique among the layers, a C identifier */
export type CLowering<L extends ProgramLayer = ProgramLayer> = (
  step: Step<L>,
  name: string,
  traits: KernelTraits,
) => COperation;

export const noScratch: PathBytes = { portable: 0, dsp: 0 };

/** Of a layer without constants that multiplies nothing. */
export const noTables: Pick<COperation, "constants" | "constantBytes" | "scratch" | "macs"> = {
  constants: "",
  constantBytes: 0,
  scratch: noScratch,
  macs: 0,
};

/** An element is written after everything at its place, and nothing behind it, has been read. */
export const inPlace = { portable: 0, dsp: 0 } as const;
