export type { Board, Reserve } from "./board.ts";
export { type BoardSearch, boardSearch } from "./board-search-node.ts";
export { boardList, boardNamed, boardsFolder, readBoards } from "./boards-node.ts";
export { type CoreName, coreNames, cores, type Emulation } from "./cores.ts";
export { estimated, parseSize, studentBudget } from "./student-budget.ts";
