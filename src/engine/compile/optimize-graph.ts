/** @file The passes that every graph goes through before it is emitted, in their order. */

import type { Graph } from "../graph/index.ts";
import type { FormChoice } from "./forms.ts";
import { addIntoGemm } from "./passes/add-into-gemm.ts";
import { blockedLayout } from "./passes/blocked-layout/blocked-layout.ts";
import { centreInConvolution } from "./passes/centre-in-convolution.ts";
import { shareCommonValues } from "./passes/share-common-values.ts";

/**
 * @returns the same function in fewer operators, and in the layout that the forms name
 * @throws ConfigError "config/unknown-name" for a layout that there is not
 */
export function optimizeGraph(graph: Graph, forms: FormChoice = {}): Graph {
  const optimized = addIntoGemm(centreInConvolution(shareCommonValues(graph)));
  return forms.layout === undefined ? optimized : blockedLayout(optimized, forms);
}
