/** @file The program that README.md shows under "Quickstart". */

import { readFile } from "node:fs/promises";

/** @returns the lines of the first TypeScript block after the heading */
export async function readmeSnippet(): Promise<readonly string[]> {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const block = /^## Quickstart$[\s\S]*?^```ts\n([\s\S]*?)^```$/m.exec(readme);
  if (block?.[1] === undefined) throw new Error("README.md has no ```ts block under Quickstart");
  return block[1].trimEnd().split("\n");
}
