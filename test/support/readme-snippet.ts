/** @file The programs that README.md and the pages of docs/ show. */

import { readFile } from "node:fs/promises";

/** @returns the lines of the first TypeScript block after the heading */
export async function readmeSnippet(heading = "Quickstart"): Promise<readonly string[]> {
  return pageSnippet("README.md", heading);
}

/** The same of another page, "docs/data.md", or the first block of another language. */
export async function pageSnippet(
  page: string,
  heading: string,
  language = "ts",
): Promise<readonly string[]> {
  const text = await readFile(new URL(`../../${page}`, import.meta.url), "utf8");
  const pattern = `^##+ ${heading}$[\\s\\S]*?^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`;
  const block = new RegExp(pattern, "m").exec(text);
  if (block?.[1] === undefined)
    throw new Error(`${page} has no \`\`\`${language} block under ${heading}`);
  return block[1].trimEnd().split("\n");
}
