/** @file The passes that every graph goes through before it is emitted, in their order. */

import type { Graph } from "../graph/index.ts";
import { addIntoGemm } from "./passes/add-into-gemm.ts";
import { centreInConvolution } from "./passes/centre-in-convolution.ts";
import { shareCommonValues } from "./passes/share-common-values.ts";

/** @returns the same function in fewer operators */
export function optimizeGraph(graph: Graph): Graph {
  return addIntoGemm(centreInConvolution(shareCommonValues(graph)));
}
