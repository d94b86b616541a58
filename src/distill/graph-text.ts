/** @file A graph as text that differs where the graph does. */

import { type Graph, printGraph, valuesOf } from "../engine/graph/index.ts";
import { bytesOf } from "../engine/tensor/index.ts";
import { sha256Hex } from "../hash/index.ts";

/** @returns the graph's text, and a hash of each tensor of which it shows the first elements */
export function graphText(graph: Graph): string {
  const hashes = valuesOf(graph).flatMap(({ attrs }) =>
    Object.values(attrs).flatMap((attr) =>
      typeof attr === "object" && "data" in attr && attr.data.length > 4
        ? [sha256Hex(bytesOf(attr.data))]
        : [],
    ),
  );
  return [printGraph(graph), ...hashes].join("\n");
}
