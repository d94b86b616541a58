/** @file An integer network as C99: no heap, no float, no libc but memcpy, one arena. */

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { elementCount } from "../../../engine/tensor/index.ts";
import { sha256Hex } from "../../../hash/index.ts";
import {
  assertQuantized,
  type QuantizedGraph,
  type QuantizedLayer,
  type QuantizedTensor,
  quantizeMultiplier,
} from "../../quantize/index.ts";
import { type Program, toChannelsLast } from "../channels-last/channels-last.ts";
import { arduinoFiles } from "./arduino.ts";
import { assertName } from "./assert-name.ts";
import { aboutText, arenaBytes, type HeaderParts, headerText } from "./header-text.ts";
import { kernelText } from "./kernels/kernels.ts";
import type { KernelTraits } from "./kernels/scale.ts";
import type { COperation } from "./operation.ts";
import { lowerToC } from "./ops/table.ts";
import { isWide } from "./ops/window.ts";
import { callsText, choiceText, type KernelPath, plansOf } from "./program-text.ts";
import { selfTestText } from "./self-test-text.ts";
import { streamOf, streamSource } from "./stream.ts";

export interface ExportCOptions {
  /** in front of every name, and the files' name; default "student" */
  readonly name?: string;
  /** identity of the float model; default the hash of the tables */
  readonly modelHash?: string;
  /** int8 inputs for the self-test, row-major [channels, height, width]; default none */
  readonly selfTest?: readonly Int8Array[];
  /** an Arduino library in place of bare files; default false */
  readonly arduino?: boolean;
  /** other sources that go with these, by path: those of a front end */
  readonly beside?: ReadonlyMap<string, string>;
}

export interface CExport {
  /** text by path */
  readonly files: ReadonlyMap<string, string>;
  readonly arenaBytes: { readonly portable: number; readonly dsp: number };
  /** bytes of all tables; the kernels' code comes on top */
  readonly constantBytes: number;
  readonly macs: number;
}

/** Rows so short that spreading them would cost more than it saves: one path, and less code. */
const dspTaps = 16;

/**
 * Writes `name`.h, `name`.c and `name`_selftest.c. Its outputs equal
 * runQuantized(graph, input, "tflm") in every bit; images lie channels last, which the header says.
 *
 * @throws ConfigError "config/name" for a name that is no lower-case C identifier, a C header's,
 *   or "main"; ExportError "export/unsupported" for images or windows too large for the kernels
 */
export function exportC(graph: QuantizedGraph, options: ExportCOptions = {}): CExport {
  const { name = "student", selfTest = [] } = options;
  assertQuantized("exportC", graph);
  assertName("exportC", name);
  const program = toChannelsLast(graph);
  const traits = traitsOf(graph);
  const lower = ({ steps }: Program): readonly COperation[] =>
    steps.map((step, index) => lowerToC(step, `layer${index}`, traits));
  const operations = lower(program);
  const hasDsp = graph.layers.some(
    (layer) =>
      layer.kind === "gru" ||
      ("weights" in layer && layer.weights.length > dspTaps * layer.bias.length),
  );
  const stream = streamOf(graph, lower, hasDsp);
  const plans = plansOf(program, operations, hasDsp);
  const tables = operations.map(({ constants }) => constants).join("");
  const parts: HeaderParts = {
    name,
    graph,
    program,
    plans,
    ...(stream && { stream }),
    modelHash: options.modelHash ?? sha256Hex(utf8ToBytes(tables)),
    constantBytes: operations.reduce((total, { constantBytes }) => total + constantBytes, 0),
    macs: operations.reduce((total, { macs }) => total + macs, 0),
    hasDsp,
  };
  const bare = new Map([
    [`${name}.h`, headerText(parts)],
    [`${name}.c`, sourceText(parts, operations, tables)],
    ...(selfTest.length > 0
      ? [[`${name}_selftest.c`, selfTestText(name, graph, selfTest)] as const]
      : []),
    ...(options.beside ?? []),
  ]);
  return {
    files: options.arduino ? arduinoFiles(name, bare, graph) : bare,
    arenaBytes: { portable: arenaBytes(parts, "portable"), dsp: arenaBytes(parts, "dsp") },
    constantBytes: parts.constantBytes,
    macs: parts.macs,
  };
}

function traitsOf({ layers, tensors }: QuantizedGraph): KernelTraits {
  const weighted = layers.filter((layer) => "multipliers" in layer);
  return {
    smallMultipliers: weighted.every(({ multipliers }) =>
      multipliers.every((real) => quantizeMultiplier(real).shift < 0),
    ),
    fullRange: weighted.every(({ clamp }) => clamp.min === -128 && clamp.max === 127),
    sharedMultipliers: weighted.every(({ multipliers }) => multipliers.length === 1),
    byFour: byFourOf(layers, tensors),
    wideWindows: layers.some((layer) => "kernel" in layer && isWide(layer)),
  };
}

/** What a GRU's rows are is not looked at: with one in the network nothing is left out. */
function byFourOf(
  layers: readonly QuantizedLayer[],
  tensors: readonly QuantizedTensor[],
): KernelTraits["byFour"] {
  const own = layers.filter(({ kind }) => kind === "dense" || kind === "conv2d");
  const every = (count: (layer: QuantizedLayer) => number): boolean =>
    layers.every(({ kind }) => kind !== "gru") && own.every((layer) => count(layer) % 4 === 0);
  return {
    taps: every((layer) => ("weights" in layer ? layer.weights.length / layer.bias.length : 0)),
    outputs: every((layer) => ("bias" in layer ? layer.bias.length : 0)),
    runs: every((layer) =>
      layer.kind === "conv2d" ? layer.weights.length / layer.bias.length / layer.kernel[0] : 0,
    ),
    places: every(({ kind, output }) =>
      kind === "conv2d" ? elementCount(tensors[output]!.shape.slice(1)) : 0,
    ),
  };
}

function sourceText(parts: HeaderParts, operations: readonly COperation[], tables: string): string {
  const { name, program, plans, graph } = parts;
  const prefix = name.toUpperCase();
  const kernels = operations.flatMap((operation) => operation.kernels);
  if (parts.stream && kernels.includes("gru")) kernels.push("gruHeld");
  if (parts.stream && kernels.includes("resetGru")) kernels.push("resetGruHeld");
  const of = (path: KernelPath): string =>
    callsText(program, operations, { plan: plans[path], path: parts.hasDsp ? path : "portable" });
  const calls = choiceText(prefix, {
    ...{ portable: of("portable"), dsp: of("dsp"), cmsisNn: of("cmsisNn") },
  });
  return `/*
${aboutText(parts)} */
#include "${name}.h"

#include <string.h>
${parts.hasDsp ? `#if defined(${prefix}_CMSIS_NN)\n#include "arm_nnfunctions.h"\n#endif\n` : ""}
${parts.hasDsp ? registersText(prefix) : ""}/* right shifts of negative numbers must keep the sign, as they do on every known compiler */
typedef char ${name}_shifts_keep_signs[(-1 >> 1) == -1 ? 1 : -1];
${kernelText(kernels, traitsOf(graph), prefix, parts.hasDsp)}
${tables}
void ${name}_run(uint32_t *arena) {
  int8_t *const bytes = (int8_t *)arena;
${calls}}
${ownArenaText(parts)}${parts.stream ? streamSource(name, parts.stream) : ""}`;
}

const registersText = (prefix: string): string => `#if ${prefix}_DSP
/* the assembler needs many registers, which only an optimising compiler leaves it */
#pragma GCC optimize("O2", "omit-frame-pointer")
#endif

`;

function ownArenaText({ name, program }: HeaderParts): string {
  const prefix = name.toUpperCase();
  const output = program.storages[program.output]!;
  const classify =
    output.dtype === "int8" && output.elements > 1
      ? `
int32_t ${name}_classify(const int8_t *input) {
  const int8_t *const output = (const int8_t *)own_arena + ${prefix}_OUTPUT_OFFSET;
  int32_t best = 0, i;
  memcpy(${prefix}_INPUT(own_arena), input, ${prefix}_INPUT_ELEMENTS);
  ${name}_run(own_arena);
  for (i = 1; i < ${prefix}_OUTPUT_ELEMENTS; i++)
    if (output[i] > output[best]) best = i;
  return best;
}
`
      : "";
  return `
#ifndef ${prefix}_CALLER_ARENA
static uint32_t own_arena[(${prefix}_ARENA_BYTES + 3) / 4];

void ${name}_invoke(const int8_t *input, ${output.dtype}_t *output) {
  memcpy(${prefix}_INPUT(own_arena), input, ${prefix}_INPUT_ELEMENTS);
  ${name}_run(own_arena);
  memcpy(output, (const int8_t *)own_arena + ${prefix}_OUTPUT_OFFSET,
         ${prefix}_OUTPUT_ELEMENTS * sizeof *output);
}
${classify}#endif
`;
}
