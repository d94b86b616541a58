/** @file What a network takes of a board: measured where the tools are there, else estimated. */

import { type Board, cores, estimated, type Reserve } from "../../distill/boards/index-node.ts";
import type { CExport } from "../../export/index.ts";
import { type EmulatedRun, emulate, type ImageSize, linkImage } from "./image.ts";
import { missingFor, toolchainOf } from "./toolchain.ts";

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
  /** what of the tools is not there */
  readonly missing: readonly string[];
  readonly flashFreeBytes: number;
  readonly ramFreeBytes: number;
}

export interface BudgetRequest {
  readonly board: Board;
  readonly reserve: Reserve;
  readonly name: string;
  /** bare files, no Arduino layout */
  readonly program: CExport;
  /** in the order of the C code; all are run */
  readonly samples: readonly Uint8Array[];
}

/** The emulated boards' 512 KiB of either kind, less what the harness takes. */
const emulatedBytes = 500 * 1024;
export function budgetOf(request: BudgetRequest): Budget {
  const { board, reserve, program } = request;
  const core = cores[board.core];
  const { image, run, missing } = measure(request);
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
      ? estimate(Math.round(program.macs * core.instructionsPerMac))
      : measured(Math.max(...run.instructions));
  const [low, high] = core.cyclesPerInstruction;
  const perCycle = instructions.value / (board.clockMHz * 1000);
  return {
    board,
    reserve,
    flash,
    arenaBytes,
    dataBytes,
    stack,
    instructions,
    milliseconds: [perCycle * low, perCycle * high],
    missing,
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
}

function measure({ board, name, program, samples }: BudgetRequest): Measured {
  const { emulation } = cores[board.core];
  const image = { files: program.files, name, emulation };
  const missing = missingFor(emulation);
  if (missing.includes(toolchainOf(emulation).compiler)) return { missing };
  const linked = linkImage(image);
  if (missing.length > 0) return { image: linked, missing };
  if (Math.max(linked.flashBytes, linked.ramBytes) > emulatedBytes)
    return { image: linked, missing: ["an emulated board of enough memory"] };
  return { image: linked, run: emulate(image, samples), missing };
}
