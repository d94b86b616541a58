/** @file Real boards: one JSON file each in boards/, with the datasheet of its numbers. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { unknownName } from "../../errors/index.ts";
import type { Board } from "./board.ts";
import { coreNames, cores } from "./cores.ts";

/** the same from src/distill/boards and dist/distill/boards */
export const boardsFolder: string = fileURLToPath(new URL("../../../boards/", import.meta.url));

const boardSchema = z.strictObject({
  title: z.string(),
  chip: z.string(),
  core: z.enum(coreNames),
  clockMHz: z.number().positive(),
  /** on the board, in whole KiB */
  flashKiB: z.number().int().positive(),
  /** the largest piece that lies together */
  ramKiB: z.number().int().positive(),
  source: z.string(),
  active: z
    .strictObject({
      milliwatts: z.tuple([z.number().positive(), z.number().positive()]),
      source: z.string(),
    })
    .optional(),
});

/** @returns all boards of boards/, by name */
export function readBoards(): readonly Board[] {
  return readdirSync(boardsFolder)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file) => ({
      name: file.slice(0, -".json".length),
      ...boardSchema.parse(JSON.parse(readFileSync(`${boardsFolder}${file}`, "utf8"))),
    }));
}

/**
 * @param where names the option or the recipe's key
 * @throws ConfigError "config/unknown-name" with the nearest board
 */
export function boardNamed(name: string, where = "--board"): Board {
  const boards = readBoards();
  const found = boards.find((board) => board.name === name);
  if (found !== undefined) return found;
  throw unknownName(
    where,
    "board",
    name,
    boards.map((board) => board.name),
  );
}

/** @returns a line for each board: what --board list prints */
export function boardList(): string {
  const rows = readBoards().map(({ name, title, core, clockMHz, flashKiB, ramKiB }) =>
    [
      name.padEnd(20),
      `${flashKiB}`.padStart(5),
      `${ramKiB}`.padStart(5),
      `${clockMHz}`.padStart(4),
      `${cores[core].title.padEnd(11)} ${title}`,
    ].join(" "),
  );
  return ["name                 flash   RAM  MHz core        board (sizes in KiB)", ...rows].join(
    "\n",
  );
}
