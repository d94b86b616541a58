/** @file The programs that README.md shows. */

import { readFile } from "node:fs/promises";

/** @returns the lines of the first TypeScript block after the heading */
export async function readmeSnippet(heading = "Quickstart"): Promise<readonly string[]> {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const pattern = `^##+ ${heading}$[\\s\\S]*?^\`\`\`ts\\n([\\s\\S]*?)^\`\`\`$`;
  const block = new RegExp(pattern, "m").exec(readme);
  if (block?.[1] === undefined) throw new Error(`README.md has no \`\`\`ts block under ${heading}`);
  return block[1].trimEnd().split("\n");
}
