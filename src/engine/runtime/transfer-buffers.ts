/**
 * @file Memory in which the inputs of runs travel to a worker and back: a message that copies them
 * would take new memory on both sides for each run.
 */

import { bytesOf, type Tensor, viewBytes } from "../tensor/index.ts";
import type { Feeds, Resident } from "./runtime.ts";

/** Smaller inputs are quicker copied by the message. */
const leastBytes = 16 * 2 ** 10;
/** Bytes that are kept for further runs. */
const keptBytes = 64 * 2 ** 20;

/** What is sent in place of the inputs of a run. */
export interface Transfer {
  readonly feeds: Feeds;
  /** of the large ones among them: to be moved with the message, not copied */
  readonly memory: readonly ArrayBuffer[];
}

export interface TransferBuffers {
  /** Copies large inputs, and small ones that are views; the caller's arrays stay its own. */
  readonly lend: (feeds: Feeds) => Transfer;
  readonly takeBack: (memory: readonly ArrayBuffer[]) => void;
}

export function makeTransferBuffers(): TransferBuffers {
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
      const sent = Object.entries(feeds).map(([name, value]): [string, Tensor | Resident] => {
        if ("resident" in value) return [name, value];
        const { byteLength } = value.data;
        if (byteLength < leastBytes) return [name, withoutRest(value)];
        const own = take(byteLength);
        memory.push(own);
        return [name, copied(value, own)];
      });
      return { feeds: Object.fromEntries(sent), memory };
    },
    takeBack: (memory) => {
      for (const each of memory.filter(({ byteLength }) => byteLength <= keptBytes)) {
        free.push(each);
        bytes += each.byteLength;
      }
      while (bytes > keptBytes) bytes -= free.shift()!.byteLength; // bytes are those of free
    },
  };
}

/** @returns the tensor, or a copy of a view: a message would take the whole of its buffer */
export function withoutRest(tensor: Tensor): Tensor {
  const { byteLength, buffer } = tensor.data;
  return byteLength === buffer.byteLength ? tensor : copied(tensor, new ArrayBuffer(byteLength));
}

/** @returns the bytes, or a copy of a view, as above */
export function bytesWithoutRest(bytes: Uint8Array): Uint8Array {
  const isWhole = bytes.byteLength === bytes.buffer.byteLength;
  return isWhole ? bytes : new Uint8Array(bytes); // a Buffer's slice would be a view again
}

function copied({ dtype, shape, data }: Tensor, into: ArrayBuffer): Tensor {
  const bytes = new Uint8Array(into);
  bytes.set(bytesOf(data));
  return { dtype, shape, data: viewBytes(dtype, bytes, data.length) } as Tensor; // its dtype's array
}
