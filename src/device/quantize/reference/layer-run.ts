/** @file What the integer loop of a layer is given. */

import type { QuantizedLayer, QuantizedTensor } from "../quantized-graph.ts";
import type { Rounding } from "../rounding.ts";

/** Elements of one tensor, int8 or int32, row-major. */
export type Integers = Int8Array | Int32Array;

/** What the loop of one layer is given. */
export interface LayerRun<L extends QuantizedLayer = QuantizedLayer> {
  readonly layer: L;
  readonly inputs: readonly Integers[];
  readonly inputTensors: readonly QuantizedTensor[];
  readonly outputTensor: QuantizedTensor;
  readonly rounding: Rounding;
}
