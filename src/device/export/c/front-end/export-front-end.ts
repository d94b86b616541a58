/** @file A front end as C99: no heap, float or libc but memcpy; state and work by the caller. */

import { type FrontEnd, factorBits } from "../../../quantize/index.ts";
import { assertName } from "../assert-name.ts";
import { constantArray } from "../c-text.ts";
import { frontEndSource } from "./front-end-source.ts";

export interface FrontEndFiles {
  /** `name`_front_end.h and .c */
  readonly files: ReadonlyMap<string, string>;
  /** of tables; the code comes on top */
  readonly constantBytes: number;
  /** kept between calls */
  readonly stateBytes: number;
  /** needed during a call only: the network's arena will do, if it is that large */
  readonly workBytes: number;
}

/**
 * Writes `name`_front_end.h and .c: what computes `frontEndFrame` in every bit, and hears sound
 * piece by piece. They go beside the files of `exportC` (its option `beside`), or stand alone.
 *
 * @param plan of `planFrontEnd`
 * @param name in front of every name, the network's own
 * @throws ConfigError "config/name" as exportC
 */
export function exportFrontEnd(plan: FrontEnd, name: string): FrontEndFiles {
  assertName("exportFrontEnd", name);
  const context = plan.context.before + 1 + plan.context.after;
  const { text, bytes } = tables(plan);
  const named = (from: string): string =>
    from.replaceAll(/PREFIX_|NAME_/g, (word) => `${word === "NAME_" ? name : name.toUpperCase()}_`);
  return {
    files: new Map([
      [`${name}_front_end.h`, named(header(plan))],
      [`${name}_front_end.c`, named(source(plan, text, name))],
    ]),
    constantBytes: bytes,
    stateBytes: 2 * plan.frameLength + context * plan.mels + 16,
    workBytes: 4 * plan.fftSize,
  };
}

function header({ sampleRate, frameLength, hop, mels, fftSize, context }: FrontEnd): string {
  const frames = context.before + 1 + context.after;
  return `/* The ears of a network: 16-bit samples become its int8 input, ${mels} log-mel features a
 * frame. Integers only. For each piece of sound:
 *
 *   static NAME_front_end ears;                       once: NAME_front_end_reset(&ears)
 *   if (NAME_hear(&ears, samples, PREFIX_HOP, work)) { NAME_heard(&ears, input); run the network }
 */
#ifndef PREFIX_FRONT_END_H
#define PREFIX_FRONT_END_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PREFIX_SAMPLE_RATE ${sampleRate}
#define PREFIX_FRAME_LENGTH ${frameLength}
#define PREFIX_HOP ${hop}
#define PREFIX_MELS ${mels}
/* frames before and after the one that the network answers for: it comes that much later */
#define PREFIX_FRAMES_BEFORE ${context.before}
#define PREFIX_FRAMES_AFTER ${context.after}
#define PREFIX_FRAMES ${frames}
/* work that a call needs; nothing in it is kept: a network arena as large will do */
#define PREFIX_FRONT_END_WORK_WORDS ${fftSize}

typedef struct {
  int16_t samples[PREFIX_FRAME_LENGTH];
  int8_t frames[PREFIX_FRAMES * PREFIX_MELS];
  int32_t next_sample, missing, next_frame, ahead;
} NAME_front_end;

/* before the first sample of a recording */
void NAME_front_end_reset(NAME_front_end *state);
/* Takes up to PREFIX_HOP samples. 1 if the network's input for one more frame is whole. */
int32_t NAME_hear(NAME_front_end *state, const int16_t *samples, int32_t count, uint32_t *work);
/* The network's input, oldest frame first; before the first frame stand copies of it. */
void NAME_heard(const NAME_front_end *state, int8_t *input);
/* After the last sample, PREFIX_FRAMES_AFTER times: the last frame once more. 1 as NAME_hear. */
int32_t NAME_hear_end(NAME_front_end *state);
/* PREFIX_MELS features of PREFIX_FRAME_LENGTH samples, without any state */
void NAME_log_mel(const int16_t *samples, int8_t *features, uint32_t *work);

#ifdef __cplusplus
}
#endif

#endif
`;
}

/** @returns whether all are the first */
function alike<T>(values: ArrayLike<T>): boolean {
  return Array.from(values).every((value) => value === values[0]);
}

function tables(plan: FrontEnd): { readonly text: string; readonly bytes: number } {
  const { window, cosines, edges, slopes, logarithms, origins, multipliers, floors } = plan;
  const half = alike(window) ? [] : window.slice(0, Math.floor(window.length / 2) + 1);
  const wholeFloors = alike(floors) ? [] : floors;
  const text = [
    ...(half.length > 0 ? [constantArray("int32_t", "window", half)] : []),
    constantArray("int32_t", "cosines", cosines),
    constantArray("uint16_t", "edges", edges),
    constantArray("uint16_t", "slopes", slopes),
    constantArray("int32_t", "logarithms", logarithms),
    constantArray("int32_t", "origins", origins),
    constantArray("int32_t", "multipliers", multipliers),
    ...(wholeFloors.length > 0
      ? [
          `static const uint64_t floors[${floors.length}] = {\n  ${floors.map((x) => `${x}u`).join(", ")}\n};\n`,
        ]
      : []),
  ].join("");
  const words = [half, cosines, logarithms, origins, multipliers];
  const bytes =
    words.reduce((sum, { length }) => sum + 4 * length, 0) +
    2 * (edges.length + slopes.length) +
    8 * wholeFloors.length;
  return { text, bytes };
}

function source(plan: FrontEnd, text: string, name: string): string {
  const { fractionBits, powerBits, frameLength, fftSize, window, floors, shift } = plan;
  const windowShift = factorBits - fractionBits;
  const windowAt = alike(window)
    ? String(window[0])
    : `window[(t) <= ${Math.floor(frameLength / 2)} ? (t) : ${frameLength} - (t)]`;
  const floorOf = alike(floors) ? `(void)(m), (uint64_t)${floors[0]}u` : "floors[m]";
  return `/* Log-mel features in integers; see the header. Written by Potstill. */
#include "${name}_front_end.h"

#include <string.h>

/* right shifts of negative numbers must keep the sign, as they do on every known compiler */
typedef char NAME_front_end_shifts_keep_signs[((int64_t)-1 >> 1) == -1 ? 1 : -1];

#define FFT_SIZE ${fftSize}
#define WINDOW(t) (${windowAt})
#define WINDOW_SHIFT ${windowShift}
#define WINDOW_HALF ${2 ** (windowShift - 1)}
#define POWER_SHIFT ${2 * fractionBits + 2 - powerBits}
#define FLOOR(m) (${floorOf})
#define SHIFT ${shift}

${text}${frontEndSource}`;
}
