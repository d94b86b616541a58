/** @file What a board leaves for a student, for planning before anything is trained. */

import type { SearchRecipe } from "../../config/index.ts";
import type { StudentBudget, StudentSearch } from "../../distill/index.ts";
import { type Board, boardNamed } from "./boards.ts";
import { estimated, type Reserve } from "./budget.ts";
import { cores } from "./cores.ts";
import { parseSize } from "./plan-board.ts";

/** @returns the board less what is reserved, with the estimates for all but tables and arena */
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

/** @throws ConfigError for a board or a size that is none */
export function searchOf({
  board,
  reserveFlash = 0,
  reserveRam = 0,
  ...rest
}: SearchRecipe): Omit<StudentSearch, "around"> {
  const reserve = {
    flashBytes: parseSize("student.search.reserveFlash", String(reserveFlash)),
    ramBytes: parseSize("student.search.reserveRam", String(reserveRam)),
  };
  return { budget: studentBudget(boardNamed(board, "student.search.board"), reserve), ...rest };
}
