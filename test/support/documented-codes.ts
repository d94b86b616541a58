/** @file The error codes that documentation promises, so that tests can hold it to them. */

import { readdirSync, readFileSync } from "node:fs";

/** What stands after @throws, up to the next tag that opens a line. */
const promise = /@throws(.*?)(?:\* @|\*\/)/gs;
const documented = /\/\*\*((?:(?!\*\/).)*\*\/)\s*export function (\w+)/gs;

/** @returns codes after @throws in a text, each once */
export function documentedCodes(text: string): readonly string[] {
  const promises = [...text.matchAll(promise)].map(([, words]) => words!); // the group is there
  const codes = promises.flatMap((words) => [...words.matchAll(/"([a-z-]+\/[a-z-]+)"/g)]);
  return [...new Set(codes.map(([, code]) => code!))];
}

/**
 * @param folder under src/, with / at its end
 * @returns "function code" for each promise of an exported function in the folder's files
 */
export function documentedRefusals(folder: string): readonly string[] {
  const url = new URL(`../../src/engine/${folder}`, import.meta.url);
  return readdirSync(url)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .flatMap((file) => [...readFileSync(new URL(file, url), "utf8").matchAll(documented)])
    .flatMap(([, text, name]) => documentedCodes(text!).map((code) => `${name} ${code}`))
    .toSorted();
}
