/**
 * @file The form of a float64 reference: loops over plain numbers, used by tests and the reference
 * runtime only.
 */

import type { Attrs, TensorType } from "../graph/index.ts";
import type { Shape } from "../tensor/index.ts";

/**
 * Every element is a float64, whatever the dtype in the graph: booleans are 0 or 1, integers are
 * whole.
 */
export interface ReferenceTensor {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/**
 * @param inputs the operands; @param attrs the node's attributes; @param output dtype and shape
 *   that `infer` promised
 */
export type Reference = (
  inputs: readonly ReferenceTensor[],
  attrs: Attrs,
  output: TensorType,
) => ReferenceTensor;
