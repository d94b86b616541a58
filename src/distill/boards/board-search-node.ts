/** @file A search for the student of a board that is named, as recipes and the Distiller ask. */

import type { StudentSearch } from "../search/plan-search.ts";
import { boardNamed } from "./boards-node.ts";
import { parseSize, studentBudget } from "./student-budget.ts";

/** StudentSearch with a board in place of its bytes. */
export interface BoardSearch extends Omit<StudentSearch, "budget"> {
  /** of boards/: potstill export --board list */
  readonly board: string;
  /** for your own firmware: bytes, or text like 64K; default 0 */
  readonly reserveFlash?: number | string;
  readonly reserveRam?: number | string;
}

/**
 * @param where names the place of the options in messages
 * @throws ConfigError for a board or a size that is none
 */
export function boardSearch(
  { board, reserveFlash = 0, reserveRam = 0, ...rest }: BoardSearch,
  where: string,
): StudentSearch {
  const reserve = {
    flashBytes: parseSize(`${where}.reserveFlash`, String(reserveFlash)),
    ramBytes: parseSize(`${where}.reserveRam`, String(reserveRam)),
  };
  return { budget: studentBudget(boardNamed(board, `${where}.board`), reserve), ...rest };
}
