/** @file How a side of a comparison takes its turns: see bench/sides.mjs. */

import { createInterface } from "node:readline";

/** Says `about` once the side is warm, and what `round` answers, {"ms": …}, after every line that it reads. */
export async function serve(about, round) {
  console.log(JSON.stringify(about));
  for await (const _ of createInterface({ input: process.stdin })) console.log(JSON.stringify(await round()));
}
