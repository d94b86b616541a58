/**
 * @file A speech student's front end beside its network: which it is, its check, and both as one
 * program.
 */

import type { Hearing } from "../../../data/index.ts";
import { type CExport, exportFrontEnd, type FrontEndFiles } from "../../../device/export/index.ts";
import {
  type FrontEnd,
  planFrontEnd,
  type QuantizedGraph,
  runFrontEnd,
} from "../../../device/quantize/index.ts";
import { elementCount, randomStream, showShape } from "../../../engine/tensor/index.ts";
import { ConfigError, ExportError } from "../../../errors/index.ts";
import { speechLogMel } from "../../../speech/index.ts";
import { runOnHost } from "../host-program.ts";

export interface ExportedFrontEnd extends FrontEndFiles {
  readonly plan: FrontEnd;
}

/** @returns the front end of a model of sound */
export function soundFrontEnd(plan: FrontEnd, name: string): ExportedFrontEnd {
  return { plan, ...exportFrontEnd(plan, name) };
}

/** @throws ConfigError "config/front-end" if the network takes another number of features */
export function speechFrontEnd(
  hearing: Hearing,
  graph: QuantizedGraph,
  name: string,
): ExportedFrontEnd {
  const input = graph.tensors[graph.input]!;
  const { context, statistics } = hearing;
  const plan = planFrontEnd({
    logMel: speechLogMel,
    context,
    ...(statistics && { statistics }),
    sample: graph.sample,
    input,
  });
  const frames = context.before + 1 + context.after;
  if (frames * plan.mels !== elementCount(input.shape))
    throw new ConfigError("config/front-end", {
      where: "potstill export",
      rule: `with "logMel: speech" the network must take ${frames} frames of ${plan.mels} features`,
      got: showShape(input.shape),
      fix: "Leave logMel out of the data if the features are others",
    });
  return soundFrontEnd(plan, name);
}

const bytesOf = (x: Int16Array | Int8Array): Uint8Array =>
  new Uint8Array(x.buffer, x.byteOffset, x.byteLength);

/** @returns half a second of noise that swells to full scale */
function noise(samples: number): Int16Array {
  const stream = randomStream(1, "ears");
  return Int16Array.from({ length: samples }, (_, t) =>
    Math.round((65_535 * stream.uniform() - 32_768) * ((t + 1) / samples) ** 4),
  );
}

/**
 * Compiles the front end and compares its frames with the integer reference's.
 *
 * @returns frames that were compared
 * @throws ExportError "export/parity", or as `runOnHost`
 */
export function assertFrontEndParity(
  { plan, files }: ExportedFrontEnd,
  name: string,
  compiler: string,
): number {
  const samples = noise(plan.sampleRate / 2);
  const alone = { ...plan, context: { before: 0, after: 0 } };
  const expected = runFrontEnd(plan, samples);
  const given = runOnHost(compiler, {
    files: exportFrontEnd(alone, name).files,
    main: parityProgram(name),
    input: bytesOf(samples),
  });
  if (!Buffer.from(given).equals(bytesOf(expected)))
    throw new ExportError("export/parity", {
      where: "potstill export",
      rule: `the front end compiled by ${compiler} must give what the integer reference gives`,
      got: `other features (${[...files.keys()].join(", ")})`,
      fix: "This is a fault in the export; please report it",
    });
  return expected.length / plan.mels;
}

const parityProgram = (name: string): string => `#include <stdio.h>
#include "${name}_front_end.h"
static ${name}_front_end ears;
static uint32_t work[${name.toUpperCase()}_FRONT_END_WORK_WORDS];
int main(void) {
  static int16_t piece[${name.toUpperCase()}_HOP];
  FILE *const in = fopen("in.bin", "rb"), *const out = fopen("out.bin", "wb");
  int32_t count;
  if (!in || !out) return 2;
  ${name}_front_end_reset(&ears);
  while ((count = (int32_t)fread(piece, 2, ${name.toUpperCase()}_HOP, in)) > 0)
    if (${name}_hear(&ears, piece, count, work)) fwrite(ears.frames, 1, sizeof ears.frames, out);
  return fclose(out);
}
`;

/** A program of front end and network: what its sizes and instructions are measured of. */
export interface HearingProgram {
  readonly name: string;
  readonly program: CExport;
  /** of the frame that a hop completes */
  readonly frameSamples: number;
  /** hops of sound, the last ones with the network's answer */
  readonly samples: readonly Uint8Array[];
}

export function hearingProgram(
  program: CExport,
  exportedFrontEnd: ExportedFrontEnd,
  name: string,
): HearingProgram {
  const { plan, workBytes, stateBytes } = exportedFrontEnd;
  const { hop, frameLength, context } = plan;
  const arena = (bytes: number): number => Math.max(bytes, workBytes) + 2 * hop + stateBytes;
  const hops = Math.ceil(frameLength / hop) + context.after + 8;
  const sound = bytesOf(noise(hops * hop));
  const files = new Map([...program.files, ...exportedFrontEnd.files, ...shim(name)]);
  return {
    name: `${name}_hears`,
    program: {
      files,
      arenaBytes: {
        portable: arena(program.arenaBytes.portable),
        dsp: arena(program.arenaBytes.dsp),
      },
      constantBytes: program.constantBytes + exportedFrontEnd.constantBytes,
      macs: program.macs,
    },
    frameSamples: frameLength,
    samples: Array.from({ length: hops }, (_, i) => sound.slice(i * 2 * hop, (i + 1) * 2 * hop)),
  };
}

/** The network's interface, with a hop of sound as the input. */
function shim(name: string): ReadonlyMap<string, string> {
  const [own, of] = [`${name}_hears`, name.toUpperCase()];
  const large = own.toUpperCase();
  const header = `#include "${name}.h"
#include "${name}_front_end.h"
#define ${large}_EAR_BYTES (4 * ${of}_FRONT_END_WORK_WORDS)
#define ${large}_WORK_BYTES \\
  (${of}_ARENA_BYTES > ${large}_EAR_BYTES ? ${of}_ARENA_BYTES : ${large}_EAR_BYTES)
#define ${large}_EARS(arena) ((${name}_front_end *)((arena) + (${large}_WORK_BYTES + 3) / 4))
#define ${large}_INPUT(arena) ((int8_t *)(${large}_EARS(arena) + 1))
#define ${large}_INPUT_ELEMENTS (2 * ${of}_HOP)
#define ${large}_OUTPUT(arena) ${of}_OUTPUT(arena)
#define ${large}_OUTPUT_ELEMENTS ${of}_OUTPUT_ELEMENTS
#define ${large}_ARENA_BYTES \\
  ((${large}_WORK_BYTES + 3) / 4 * 4 + sizeof(${name}_front_end) + ${large}_INPUT_ELEMENTS)
void ${own}_run(uint32_t *arena);
`;
  const source = `#include "${own}.h"
static int32_t is_awake;
void ${own}_run(uint32_t *arena) {
  ${name}_front_end *const ears = ${large}_EARS(arena);
  const int16_t *const sound = (const int16_t *)(const void *)${large}_INPUT(arena);
  if (!is_awake) ${name}_front_end_reset(ears);
  is_awake = 1;
  if (!${name}_hear(ears, sound, ${of}_HOP, arena)) return;
  ${name}_heard(ears, ${of}_INPUT(arena));
  ${name}_run(arena);
}
`;
  return new Map([
    [`${own}.h`, header],
    [`${own}.c`, source],
  ]);
}
