/** @file The cores that exported C is run on under emulation, and what must be installed for it. */

import { cortexM55 } from "../../src/app/cli/mcu/cmsis-nn.ts";
import { type EmulatedRun, emulate, type Library } from "../../src/app/cli/mcu/image.ts";
import { missingFor } from "../../src/app/cli/mcu/toolchain.ts";
import {
  cores as boardCores,
  type CoreName,
  type Emulation,
} from "../../src/distill/boards/index-node.ts";
import { bytesOf } from "../../src/engine/tensor/index.ts";

export interface Core {
  readonly name: string;
  readonly emulation: Emulation;
}

const onBoards = (name: CoreName): Core => ({ name, emulation: boardCores[name].emulation });

/** The M0's code runs on an M3, which has all its instructions. */
export const cores: readonly Core[] = [
  {
    name: "cortex-m0",
    emulation: { family: "arm", flags: ["-mcpu=cortex-m0", "-mthumb"], machine: "mps2-an385" },
  },
  onBoards("cortex-m3"),
  onBoards("cortex-m4"),
  onBoards("cortex-m7"),
  { name: "cortex-m55", emulation: cortexM55 },
  onBoards("rv32imc"),
];

/** @returns what is missing to emulate a family of cores, or "" */
export function missingForEmulation(family: Emulation["family"] = "arm"): string {
  return missingFor(cores.find((core) => core.emulation.family === family)!.emulation).join(", ");
}

export interface EmulatedRequest {
  readonly files: ReadonlyMap<string, string>;
  readonly name: string;
  readonly core: Core;
  /** samples one after another, in the order of the C code */
  readonly inputs: Int8Array;
  /** default -O2 */
  readonly optimize?: string;
  /** what the files call */
  readonly library?: Library;
  /** default false: counting takes five times as long */
  readonly count?: boolean;
}

/** Compiles for a core, and runs every sample under QEMU. */
export function runEmulated(request: EmulatedRequest): EmulatedRun {
  const { core, inputs, count = false, ...image } = request;
  return emulate({ ...image, emulation: core.emulation, strict: true }, [bytesOf(inputs)], {
    count,
  });
}
