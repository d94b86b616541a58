/** @file The .h file: sizes, scales, how to feed it, and what it may be called with. */

import type { QuantizedGraph, QuantizedTensor } from "../../quantize/index.ts";
import { exactSampleQuantization, imageOf } from "../../quantize/index.ts";
import type { Program } from "../channels-last/channels-last.ts";
import { commentText, float } from "./c-text.ts";
import type { KernelPath, MemoryPlan } from "./program-text.ts";
import { type Stream, stepOffsets, streamHeader } from "./stream.ts";

export interface HeaderParts {
  readonly name: string;
  readonly graph: QuantizedGraph;
  readonly program: Program;
  readonly plans: Readonly<Record<KernelPath, MemoryPlan>>;
  readonly modelHash: string;
  readonly constantBytes: number;
  readonly macs: number;
  /** of recurrent networks: their step function */
  readonly stream?: Stream;
  /** whether there is a second kernel path */
  readonly hasDsp: boolean;
}

function orderOf({ shape }: QuantizedTensor): string {
  const { channels, height, width } = imageOf(shape);
  return shape.length === 3 ? `[${height}][${width}][${channels}], channels last` : `[${channels}]`;
}

function realText({ scale, zeroPoint }: QuantizedTensor): string {
  const shift = zeroPoint < 0 ? `+ ${-zeroPoint}` : `- ${zeroPoint}`;
  return `real = ${float(scale)} * (q ${shift})`;
}

/** @returns bytes for whole runs and for steps alike */
export function arenaBytes({ plans, stream }: HeaderParts, path: KernelPath): number {
  return Math.max(plans[path].bytes, stream?.plans[path].bytes ?? 0);
}

/** @returns what the comment at the top of both files says */
export function aboutText(parts: HeaderParts): string {
  const { graph, program, modelHash, constantBytes, macs } = parts;
  const [input, output] = [program.storages[program.input]!, program.storages[program.output]!];
  return [
    `${commentText(graph.name)}: an int8 network, written by Potstill.`,
    `model   ${modelHash}`,
    `input   int8 ${orderOf(input)}, ${realText(input)}`,
    `output  ${output.dtype} ${orderOf(output)}, ${realText(output)}`,
    `arena   ${arenaBytes(parts, "portable")} bytes${parts.hasDsp ? `, ${arenaBytes(parts, "dsp")} with SMLAD` : ""}`,
    `flash   ${constantBytes} bytes of tables, and the code of the kernels`,
    `work    ${macs} multiply-accumulates`,
    "rounds  twice, as TensorFlow Lite Micro's reference kernels and CMSIS-NN's default do",
  ]
    .map((line) => ` * ${line}\n`)
    .join("");
}

/** How a stored sample becomes an input element, as a macro where that is exact, else in words. */
function encodingText(graph: QuantizedGraph, prefix: string): string {
  const { dtype, scale, offset } = graph.sample;
  const input = graph.tensors[graph.input]!;
  const exact = exactSampleQuantization(graph.sample);
  if (exact?.scale === input.scale && exact.zeroPoint === input.zeroPoint)
    return `/* a pixel of 0 to 255 as input */\n#define ${prefix}_INPUT_FROM_BYTE(x) ((int8_t)((x) - 128))\n`;
  return [
    `/* a ${dtype} sample x as input: round((x * ${scale} + ${offset}) / ${float(input.scale)})`,
    ` * + ${input.zeroPoint}, cut to -128 to 127 */\n`,
  ].join("\n");
}

/** The choice of the kernel path, and the sizes that hang on it. */
function pathText({ name, hasDsp }: HeaderParts, sized: (path: KernelPath) => string): string {
  const prefix = name.toUpperCase();
  if (!hasDsp) return `#define ${prefix}_DSP 0\n${sized("portable")}`;
  return `/* kernels with SMLAD where the core has it and GCC compiles; define ${prefix}_PORTABLE, for all files,
 * for plain C everywhere, or ${prefix}_CMSIS_NN to call CMSIS-NN (cores with Helium: M55, M85) */
#if defined(${prefix}_CMSIS_NN)
#define ${prefix}_DSP 0
${sized("cmsisNn")}
#elif defined(__ARM_FEATURE_DSP) && defined(__GNUC__) && !defined(__clang__) && \\
    !defined(${prefix}_PORTABLE)
#define ${prefix}_DSP 1
${sized("dsp")}
#else
#define ${prefix}_DSP 0
${sized("portable")}
#endif`;
}

/** @returns the .h file */
export function headerText(parts: HeaderParts): string {
  const { name, graph, program, plans } = parts;
  const prefix = name.toUpperCase();
  const [input, output] = [program.storages[program.input]!, program.storages[program.output]!];
  const result = `${output.dtype}_t`;
  const sized = (path: KernelPath): string =>
    [
      `#define ${prefix}_ARENA_BYTES ${Math.max(4, arenaBytes(parts, path))}`,
      `#define ${prefix}_INPUT_OFFSET ${plans[path].offsets[program.input]}`,
      `#define ${prefix}_OUTPUT_OFFSET ${plans[path].offsets[program.output]}`,
      ...(parts.stream ? stepOffsets(prefix, parts.stream, path) : []),
    ].join("\n");
  return `/*
${aboutText(parts)} */
#ifndef ${prefix}_H
#define ${prefix}_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

${pathText(parts, sized)}

#define ${prefix}_INPUT_ELEMENTS ${input.elements}
#define ${prefix}_INPUT_SCALE ${float(input.scale)}
#define ${prefix}_INPUT_ZERO_POINT (${input.zeroPoint})
#define ${prefix}_OUTPUT_ELEMENTS ${output.elements}
#define ${prefix}_OUTPUT_SCALE ${float(output.scale)}
#define ${prefix}_OUTPUT_ZERO_POINT (${output.zeroPoint})
${encodingText(graph, prefix)}
/* Runs on an arena of ${prefix}_ARENA_BYTES: the input at ${prefix}_INPUT(arena) is overwritten,
 * the output is at ${prefix}_OUTPUT(arena). */
#define ${prefix}_INPUT(arena) ((int8_t *)(arena) + ${prefix}_INPUT_OFFSET)
#define ${prefix}_OUTPUT(arena) ((const ${result} *)((const int8_t *)(arena) + ${prefix}_OUTPUT_OFFSET))
void ${name}_run(uint32_t *arena);

#ifndef ${prefix}_CALLER_ARENA
/* Runs on the library's own arena. */
void ${name}_invoke(const int8_t *input, ${result} *output);
${output.dtype === "int8" && output.elements > 1 ? `/* the index of the largest output */\nint32_t ${name}_classify(const int8_t *input);\n` : ""}/* 0, or the number of the first vector whose output differs (${name}_selftest.c) */
int32_t ${name}_selftest(void);
#endif
${parts.stream ? streamHeader(name, parts.stream) : ""}
#ifdef __cplusplus
}
#endif

#endif
`;
}
