/** @file What a network takes of a board: measured where the tools are there, else estimated. */

import type { CExport } from "../../../device/export/index.ts";
import { type Board, cores, estimated, type Reserve } from "../../../distill/boards/index-node.ts";
import { type EmulatedRun, emulate, type ImageSize, linkImage } from "./image.ts";
import { isTool, missingFor, type ToolName, toolchainOf, toolFailureOf } from "./toolchain.ts";

/** A number that was measured, or an estimate. */
export interface Figure {
  readonly value: number;
  readonly isMeasured: boolean;
}

export interface Budget {
  readonly board: Board;
  readonly reserve: Reserve;
  /** the linked image: start-up and model */
  readonly flash: Figure;
  readonly arenaBytes: number;
  /** other data of the image */
  readonly dataBytes: number;
  /** of the network's own frames */
  readonly stack: Figure;
  /** of the worst sample that was run */
  readonly instructions: Figure;
  /** an estimate: instructions times assumed cycles */
  readonly milliseconds: readonly [low: number, high: number];
  /** an estimate: these times the board's active power; absent where that is not known */
  readonly microjoules?: readonly [low: number, high: number];
  /** what of the tools is not there or does not work, in words */
  readonly missing: readonly string[];
  /** those of them that packages bring */
  readonly toInstall: readonly ToolName[];
  readonly flashFreeBytes: number;
  readonly ramFreeBytes: number;
}

export interface BudgetRequest {
  readonly board: Board;
  readonly reserve: Reserve;
  readonly name: string;
  /** bare files, no Arduino layout */
  readonly program: CExport;
  /** that a front end computes features of for each sample of the network; default none */
  readonly frameSamples?: number;
  /** in the order of the C code; all are run */
  readonly samples: readonly Uint8Array[];
}

/** The emulated boards' 512 KiB of either kind, less what the harness takes. */
const emulatedBytes = 500 * 1024;

export function budgetOf(request: BudgetRequest): Budget {
  const { board, reserve, program, frameSamples = 0 } = request;
  const core = cores[board.core];
  const { image, run, missing, toInstall } = measure(request);
  const flash: Figure =
    image === undefined
      ? estimate(program.constantBytes + estimated.codeBytes + estimated.startBytes)
      : measured(image.flashBytes);
  const arenaBytes = program.arenaBytes[core.path];
  const dataBytes =
    image === undefined ? estimated.dataBytes : Math.max(0, image.ramBytes - arenaBytes);
  const stack = run === undefined ? estimate(estimated.stackBytes) : measured(run.stackBytes);
  const instructions =
    run === undefined
      ? estimate(
          Math.round(
            program.macs * core.instructionsPerMac + frameSamples * core.instructionsPerFrameSample,
          ),
        )
      : measured(Math.max(...run.instructions));
  const [low, high] = core.cyclesPerInstruction;
  const perCycle = instructions.value / (board.clockMHz * 1000);
  const milliseconds = [perCycle * low, perCycle * high] as const;
  const power = board.active?.milliwatts;
  return {
    board,
    reserve,
    flash,
    arenaBytes,
    dataBytes,
    stack,
    instructions,
    milliseconds,
    ...(power && { microjoules: [milliseconds[0] * power[0], milliseconds[1] * power[1]] }),
    missing,
    toInstall,
    flashFreeBytes: board.flashKiB * 1024 - reserve.flashBytes - flash.value,
    ramFreeBytes: board.ramKiB * 1024 - reserve.ramBytes - arenaBytes - dataBytes - stack.value,
  };
}

const measured = (value: number): Figure => ({ value, isMeasured: true });
const estimate = (value: number): Figure => ({ value, isMeasured: false });

interface Measured {
  readonly image?: ImageSize;
  readonly run?: EmulatedRun;
  readonly missing: readonly string[];
  readonly toInstall: readonly ToolName[];
}

/** Measures as far as the tools go. */
function measure({ board, name, program, samples }: BudgetRequest): Measured {
  const { emulation } = cores[board.core];
  const files = { files: program.files, name, emulation };
  const missing = missingFor(emulation);
  const found: { image?: ImageSize; run?: EmulatedRun } = {};
  const lacking = (...more: readonly string[]): Measured => ({
    ...{ ...found, missing: [...missing, ...more], toInstall: missing },
  });
  if (missing.includes(toolchainOf(emulation).compiler)) return lacking();
  try {
    found.image = linkImage(files);
    if (missing.length > 0) return lacking();
    if (Math.max(found.image.flashBytes, found.image.ramBytes) > emulatedBytes)
      return lacking("an emulated board of enough memory");
    found.run = emulate(files, samples);
    return lacking();
  } catch (error) {
    const failure = toolFailureOf(error);
    if (failure === undefined) throw error;
    const { program: tool, said } = failure;
    const lack = lacking(`a working ${tool} (${said})`);
    return isTool(tool) ? { ...lack, toInstall: [...missing, tool] } : lack;
  }
}
