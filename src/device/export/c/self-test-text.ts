/** @file The self-test: a few samples with the outputs that the integer reference gives. */

import type { ImageSize, QuantizedGraph } from "../../quantize/index.ts";
import { imageOf, runQuantized } from "../../quantize/index.ts";
import { channelsToEnd } from "../channels-last/channels-last.ts";
import { constantArray } from "./c-text.ts";

/** @returns a tensor's elements in the order of the C code */
export function inMemoryOrder(
  data: Int8Array | Int32Array,
  size: ImageSize,
): Int8Array | Int32Array {
  return data instanceof Int8Array ? channelsToEnd(data, size) : data;
}

/** @param samples int8 inputs, each of one sample, row-major. @returns the _selftest.c file */
export function selfTestText(
  name: string,
  graph: QuantizedGraph,
  samples: readonly Int8Array[],
): string {
  const prefix = name.toUpperCase();
  const [input, output] = [graph.tensors[graph.input]!, graph.tensors[graph.output]!];
  const flat = (arrays: readonly ArrayLike<number>[]): number[] =>
    arrays.flatMap((array) => Array.from(array));
  const inputs = samples.map((sample) => inMemoryOrder(sample, imageOf(input.shape)));
  const outputs = samples.map((sample) =>
    inMemoryOrder(runQuantized(graph, sample), imageOf(output.shape)),
  );
  return `/* Self-test of ${name}: ${samples.length} samples and the outputs that they must give. */
#include "${name}.h"

#ifndef ${prefix}_CALLER_ARENA
${constantArray("int8_t", "inputs", flat(inputs))}
${constantArray(`${output.dtype}_t`, "expected", flat(outputs))}
int32_t ${name}_selftest(void) {
  ${output.dtype}_t output[${prefix}_OUTPUT_ELEMENTS];
  int32_t vector, i;
  for (vector = 0; vector < ${samples.length}; vector++) {
    ${name}_invoke(inputs + vector * ${prefix}_INPUT_ELEMENTS, output);
    for (i = 0; i < ${prefix}_OUTPUT_ELEMENTS; i++)
      if (output[i] != expected[vector * ${prefix}_OUTPUT_ELEMENTS + i]) return vector + 1;
  }
  return 0;
}
#endif
`;
}
