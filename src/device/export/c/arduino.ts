/** @file The layout of an Arduino library around the C files. */

import type { QuantizedGraph } from "../../quantize/index.ts";

/** @returns the files with library.properties and an example sketch, sources under src/ */
export function arduinoFiles(
  name: string,
  files: ReadonlyMap<string, string>,
  graph: QuantizedGraph,
): ReadonlyMap<string, string> {
  const prefix = name.toUpperCase();
  const about = graph.name.replaceAll("\n", " ");
  const hasSelfTest = files.has(`${name}_selftest.c`);
  const properties = `name=${name}
version=1.0.0
author=Potstill
maintainer=Potstill
sentence=An int8 network: ${about}.
paragraph=Generated C99 without heap, floating point or dependencies.
category=Data Processing
url=https://www.npmjs.com/package/potstill
architectures=*
includes=${name}.h
`;
  const sketch = `#include <${name}.h>

static int8_t input[${prefix}_INPUT_ELEMENTS];
static ${graph.tensors[graph.output]!.dtype}_t output[${prefix}_OUTPUT_ELEMENTS];

void setup() {
  Serial.begin(115200);
${hasSelfTest ? `  Serial.println(${name}_selftest() == 0 ? "self-test passed" : "self-test FAILED");\n` : ""}}

void loop() {
  ${name}_invoke(input, output);
  for (int32_t i = 0; i < ${prefix}_OUTPUT_ELEMENTS; i++) Serial.println(output[i]);
  delay(1000);
}
`;
  return new Map([
    ["library.properties", properties],
    ...[...files].map(([path, text]) => [`src/${path}`, text] as const),
    ["examples/run/run.ino", sketch],
  ]);
}
