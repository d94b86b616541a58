/** @file The programs that docs/mcu.md shows, by the project that they are for. */

import { readFile } from "node:fs/promises";

/** @returns the C or C++ block that follows "**project**" */
export async function mcuGuideProgram(project: string): Promise<string> {
  const guide = await readFile(new URL("../../docs/mcu.md", import.meta.url), "utf8");
  const start = guide.indexOf(`**${project}**`);
  const block = /^```(?:c|cpp)\n([\s\S]*?)^```$/m.exec(guide.slice(start));
  if (start < 0 || block?.[1] === undefined)
    throw new Error(`docs/mcu.md has no program for ${project}`);
  return block[1];
}

/** @returns the plain C program, for any machine with stdio */
export function mcuGuideMain(): Promise<string> {
  return mcuGuideProgram("Any C project");
}
