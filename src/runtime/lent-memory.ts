/**
 * @file Memory in which the inputs of runs travel to a worker and back: a message that copies them
 * would take new memory on both sides for each run.
 */

import type { Tensor } from "../tensor/index.ts";
import type { Feeds, Resident } from "./runtime.ts";

/** Smaller inputs are quicker copied by the message. */
const leastBytes = 16 * 2 ** 10;
/** Bytes that are kept for further runs. */
const keptBytes = 64 * 2 ** 20;

/** What is sent in place of the inputs of a run. */
export interface Loan {
  readonly feeds: Feeds;
  /** of the large ones among them: to be moved with the message, not copied */
  readonly memory: readonly ArrayBuffer[];
}

export interface Lender {
  /** Copies the large inputs; the caller's arrays stay its own. */
  readonly lend: (feeds: Feeds) => Loan;
  readonly takeBack: (memory: readonly ArrayBuffer[]) => void;
}

export function makeLender(): Lender {
  const free: ArrayBuffer[] = []; // the longest unused first
  let bytes = 0;
  const take = (length: number): ArrayBuffer => {
    const at = free.findLastIndex(({ byteLength }) => byteLength === length);
    if (at < 0) return new ArrayBuffer(length);
    bytes -= length;
    return free.splice(at, 1)[0]!; // just found
  };
  return {
    lend: (feeds) => {
      const memory: ArrayBuffer[] = [];
      const lent = Object.entries(feeds).map(([name, value]): [string, Tensor | Resident] => {
        if ("resident" in value || value.data.byteLength < leastBytes) return [name, value];
        const { buffer, byteOffset, byteLength } = value.data;
        const own = take(byteLength);
        memory.push(own);
        new Uint8Array(own).set(new Uint8Array(buffer, byteOffset, byteLength));
        const Kind = value.data.constructor as new (from: ArrayBuffer) => Tensor["data"]; // of every typed array
        return [name, { ...value, data: new Kind(own) } as Tensor]; // the same dtype and array
      });
      return { feeds: Object.fromEntries(lent), memory };
    },
    takeBack: (memory) => {
      for (const each of memory) {
        free.push(each);
        bytes += each.byteLength;
      }
      while (bytes > keptBytes) bytes -= free.shift()!.byteLength; // there is one, while there are bytes
    },
  };
}
