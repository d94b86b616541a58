/** @file A network that listens: one step at a time, its recurrent state kept between calls. */

import { type QuantizedGraph, withSteps } from "../../quantize/index.ts";
import { type Program, toChannelsLast } from "../channels-last/channels-last.ts";
import type { COperation } from "./operation.ts";
import {
  callsText,
  choiceText,
  type KernelPath,
  type MemoryPlan,
  plansOf,
  type StateNames,
} from "./program-text.ts";

export interface Stream {
  readonly program: Program;
  readonly plans: Readonly<Record<KernelPath, MemoryPlan>>;
  /** kept between steps */
  readonly stateBytes: number;
  /** the body of the step function of one kernel path */
  readonly calls: (path: KernelPath) => string;
}

/**
 * @param lower gives the operations of a program, whose tables are those of the whole network
 * @returns undefined for a network without such steps
 */
export function streamOf(
  graph: QuantizedGraph,
  lower: (program: Program) => readonly COperation[],
  hasDsp: boolean,
): Stream | undefined {
  const one = withSteps(graph, 1);
  if (one === undefined) return undefined;
  const program = toChannelsLast(one);
  const operations = lower(program);
  const plans = plansOf(program, operations, hasDsp);
  const states = operations.map(({ held }) => held?.stateBytes ?? 0);
  const before = (index: number): number =>
    states.slice(0, index).reduce((sum, bytes) => sum + bytes, 0);
  const held: StateNames = (index) => {
    const words = before(index) / 4;
    return words === 0 ? "state" : `state + ${words}`;
  };
  return {
    program,
    plans,
    stateBytes: before(states.length),
    calls: (path) => callsText(program, operations, { plan: plans[path], path, states: held }),
  };
}

/** @returns where a step's input and output lie on one kernel path */
export function stepOffsets(
  prefix: string,
  { program, plans }: Stream,
  path: KernelPath,
): readonly string[] {
  const { offsets } = plans[path];
  return [
    `#define ${prefix}_STEP_INPUT_OFFSET ${offsets[program.input]}`,
    `#define ${prefix}_STEP_OUTPUT_OFFSET ${offsets[program.output]}`,
  ];
}

/** @returns what the header says of it */
export function streamHeader(name: string, stream: Stream): string {
  const prefix = name.toUpperCase();
  const { program, stateBytes } = stream;
  const [input, output] = [program.storages[program.input]!, program.storages[program.output]!];
  const result = `${output.dtype}_t`;
  return `
/* Step by step: one position of the sequence in, the answer so far out. ${prefix}_run starts anew
 * each time; this keeps its state, ${prefix}_STATE_BYTES, of zeros at the start. */
#define ${prefix}_STEP_INPUT_ELEMENTS ${input.elements}
#define ${prefix}_STATE_BYTES ${stateBytes}
#define ${prefix}_STEP_INPUT(arena) ((int8_t *)(arena) + ${prefix}_STEP_INPUT_OFFSET)
#define ${prefix}_STEP_OUTPUT(arena) \\
  ((const ${result} *)((const int8_t *)(arena) + ${prefix}_STEP_OUTPUT_OFFSET))
void ${name}_run_step(uint32_t *arena, uint32_t *state);
#ifndef ${prefix}_CALLER_ARENA
void ${name}_step(const int8_t *position, ${result} *output);
/* before the first step of a sequence */
void ${name}_reset(void);
#endif
`;
}

/** @returns the functions behind that */
export function streamSource(name: string, stream: Stream): string {
  const prefix = name.toUpperCase();
  const { program } = stream;
  const output = program.storages[program.output]!;
  const { calls: of } = stream;
  const calls = choiceText(prefix, {
    ...{ portable: of("portable"), dsp: of("dsp"), cmsisNn: of("cmsisNn") },
  });
  return `
void ${name}_run_step(uint32_t *arena, uint32_t *state) {
  int8_t *const bytes = (int8_t *)arena;
${calls}}

#ifndef ${prefix}_CALLER_ARENA
static uint32_t own_state[${prefix}_STATE_BYTES / 4];

void ${name}_step(const int8_t *position, ${output.dtype}_t *output) {
  memcpy(${prefix}_STEP_INPUT(own_arena), position, ${prefix}_STEP_INPUT_ELEMENTS);
  ${name}_run_step(own_arena, own_state);
  memcpy(output, ${prefix}_STEP_OUTPUT(own_arena), ${prefix}_OUTPUT_ELEMENTS * sizeof *output);
}

void ${name}_reset(void) {
  int32_t i;
  for (i = 0; i < ${prefix}_STATE_BYTES / 4; i++) own_state[i] = 0;
}
#endif
`;
}
