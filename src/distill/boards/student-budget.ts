/** @file What a board leaves for a student, for planning before anything is trained. */

import { ConfigError } from "../../errors/index.ts";
import type { StudentBudget } from "../search/plan-search.ts";
import type { Board, Reserve } from "./board.ts";
import { cores } from "./cores.ts";

type EstimateName = "codeBytes" | "startBytes" | "dataBytes" | "stackBytes";

/** For where nothing can be linked. */
export const estimated: Readonly<Record<EstimateName, number>> = {
  codeBytes: 8 * 1024,
  startBytes: 512,
  dataBytes: 16,
  stackBytes: 1024,
};

/**
 * @param option names the place of the size in messages
 * @param text "8192", "64K", "64KiB", "1M": K and M count in 1024s
 * @returns bytes, rounded up
 * @throws ConfigError "config/usage" for anything else
 */
export function parseSize(option: string, text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\s*(?:(k|m)(?:i?b)?)?$/i.exec(text) ?? [];
  const factor = { "": 1, k: 1024, m: 1024 * 1024 }[unit.toLowerCase()];
  if (digits !== undefined && factor !== undefined) return Math.ceil(Number(digits) * factor);
  throw new ConfigError("config/usage", {
    where: option,
    rule: "needs a size in bytes, K (1024 bytes) or M",
    got: JSON.stringify(text),
    fix: "Write it like 64K",
  });
}

/**
 * Milliseconds of a multiply-accumulate = instructions · most cycles of one / (1000 · MHz).
 *
 * @returns the board less what is reserved, with the estimates for all but tables and arena
 */
export function studentBudget(board: Board, reserve: Reserve): StudentBudget {
  const { path, instructionsPerMac, cyclesPerInstruction } = cores[board.core];
  const [, cycles] = cyclesPerInstruction;
  const { codeBytes, startBytes, dataBytes, stackBytes } = estimated;
  return {
    name: board.name,
    flashBytes: board.flashKiB * 1024 - reserve.flashBytes,
    ramBytes: board.ramKiB * 1024 - reserve.ramBytes,
    path,
    overhead: { flashBytes: codeBytes + startBytes, ramBytes: dataBytes + stackBytes },
    millisecondsPerMac: (instructionsPerMac * cycles) / (board.clockMHz * 1000),
  };
}
