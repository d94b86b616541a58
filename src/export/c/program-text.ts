/** @file A program's memory and its calls: arena offsets for either kernel path. */

import type { Program } from "../channels-last/channels-last.ts";
import { type ArenaPlan, type Block, type Overlap, planArena } from "./arena.ts";
import type { COperation } from "./operation.ts";

export type KernelPath = "portable" | "dsp";
export const kernelPaths: readonly KernelPath[] = ["portable", "dsp"];

/** Where everything lies in the arena, by kernel path. */
export interface MemoryPlan extends ArenaPlan {
  /** offset of a layer's scratch, or undefined if it needs none */
  readonly scratchOffsets: readonly (number | undefined)[];
}

/** @returns the arena of one kernel path */
export function planMemory(
  program: Program,
  operations: readonly COperation[],
  path: KernelPath,
): MemoryPlan {
  const end = program.steps.length;
  const blocks: Block[] = program.storages.map(({ elements, dtype }, index) => ({
    bytes: dtype === "int32" ? 4 * elements : elements,
    first: index === program.input ? -1 : program.steps.findIndex(({ output }) => output === index),
    last:
      index === program.output
        ? end
        : program.steps.findLastIndex(({ inputs }) => inputs.includes(index)),
  }));
  const overlaps: Overlap[] = program.steps.flatMap((step, at) =>
    step.inputs.flatMap((input, position) => {
      const overlap = operations[at]!.overlaps[position];
      if (!overlap || blocks[input]!.last !== at) return [];
      return [{ input, output: step.output, distance: overlap[path] }];
    }),
  );
  const scratchBlocks = operations.map(({ scratch }, at) =>
    scratch[path] > 0 ? blocks.push({ bytes: scratch[path], first: at, last: at }) - 1 : undefined,
  );
  const plan = planArena(blocks, overlaps);
  return {
    ...plan,
    scratchOffsets: scratchBlocks.map((block) =>
      block === undefined ? undefined : plan.offsets[block],
    ),
  };
}

/** Where the state of a recurrent layer is kept, as a C expression, by the layer's index. */
export type StateNames = (index: number) => string;

/**
 * @param states of a step function; absent: each run is a whole sequence
 * @returns the body of the run function: one call a layer, with its path in a comment
 */
export function callsText(
  program: Program,
  operations: readonly COperation[],
  plan: MemoryPlan,
  states?: StateNames,
): string {
  const at = (offset: number): string => (offset === 0 ? "bytes" : `bytes + ${offset}`);
  const lines = program.steps.map((step, index) => {
    const scratch = plan.scratchOffsets[index];
    const pointers = {
      inputs: step.inputs.map((input) => at(plan.offsets[input]!)),
      output: at(plan.offsets[step.output]!),
      scratch: scratch === undefined ? "0" : `arena + ${scratch / 4}`,
    };
    const { call: whole, held } = operations[index]!;
    const call = states && held ? held.call(pointers, states(index)) : whole(pointers);
    return `  /* ${step.layer.name.replaceAll("*/", "")} */\n  ${call}\n`;
  });
  return lines.join("");
}
