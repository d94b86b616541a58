/** @file A program's memory and its calls: arena offsets for either kernel path. */

import type { Program } from "../channels-last/channels-last.ts";
import { type ArenaPlan, type Block, type Overlap, planArena } from "./arena.ts";
import { commentText } from "./c-text.ts";
import type { COperation } from "./operation.ts";

const kernelPaths = ["portable", "dsp", "cmsisNn"] as const;
export type KernelPath = (typeof kernelPaths)[number];

/** Where everything lies in the arena, by kernel path. */
export interface MemoryPlan extends ArenaPlan {
  /** offset of a layer's scratch, or undefined if it needs none */
  readonly scratchOffsets: readonly (number | undefined)[];
}

/** @returns the arena of one kernel path */
function planMemory(
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
      const overlap = overlapOf(operations[at]!, position, path);
      if (overlap === undefined || blocks[input]!.last !== at) return [];
      return [{ input, output: step.output, distance: overlap }];
    }),
  );
  const scratchBlocks = operations.map((operation, at) => {
    const bytes = scratchOf(operation, path);
    return bytes > 0 ? blocks.push({ bytes, first: at, last: at }) - 1 : undefined;
  });
  const plan = planArena(blocks, overlaps);
  return {
    ...plan,
    scratchOffsets: scratchBlocks.map((block) =>
      block === undefined ? undefined : plan.offsets[block],
    ),
  };
}

function overlapOf(
  { overlaps, cmsisNn }: COperation,
  position: number,
  path: KernelPath,
): number | undefined {
  if (path !== "cmsisNn") return overlaps[position]?.[path];
  return cmsisNn === undefined ? overlaps[position]?.portable : undefined;
}

function scratchOf({ scratch, cmsisNn }: COperation, path: KernelPath): number {
  if (path !== "cmsisNn") return scratch[path];
  return Math.max(scratch.portable, cmsisNn?.scratchBytes ?? 0);
}

/** @param hasDsp false: the network is so small that there is only the portable path */
export function plansOf(
  program: Program,
  operations: readonly COperation[],
  hasDsp: boolean,
): Readonly<Record<KernelPath, MemoryPlan>> {
  const plan = (path: KernelPath): MemoryPlan =>
    planMemory(program, operations, hasDsp ? path : "portable");
  return { portable: plan("portable"), dsp: plan("dsp"), cmsisNn: plan("cmsisNn") };
}

/** Where the state of a recurrent layer is kept, as a C expression, by the layer's index. */
export type StateNames = (index: number) => string;

interface Calls {
  readonly plan: MemoryPlan;
  /** that the plan is for */
  readonly path: KernelPath;
  /** of a step function; absent: each run is a whole sequence */
  readonly states?: StateNames;
}

/** @returns the body of the run function: one call a layer, with its path in a comment */
export function callsText(
  program: Program,
  operations: readonly COperation[],
  { plan, path, states }: Calls,
): string {
  const at = (offset: number): string => (offset === 0 ? "bytes" : `bytes + ${offset}`);
  const lines = program.steps.map((step, index) => {
    const scratch = plan.scratchOffsets[index];
    const pointers = {
      inputs: step.inputs.map((input) => at(plan.offsets[input]!)),
      output: at(plan.offsets[step.output]!),
      scratch: scratch === undefined ? "0" : `arena + ${scratch / 4}`,
    };
    const { call: whole, held, cmsisNn } = operations[index]!;
    const own = path === "cmsisNn" && cmsisNn ? cmsisNn.call : whole;
    const call = states && held ? held.call(pointers, states(index)) : own(pointers);
    return `  /* ${commentText(step.layer.name)} */\n  ${call}\n`;
  });
  return lines.join("");
}

/** @returns the calls of all paths, those that differ by preprocessor */
export function choiceText(prefix: string, texts: Readonly<Record<KernelPath, string>>): string {
  const { portable, dsp, cmsisNn } = texts;
  const plain = portable === dsp ? portable : `#if ${prefix}_DSP\n${dsp}#else\n${portable}#endif\n`;
  if (cmsisNn === portable) return plain;
  const rest = portable === dsp ? `#else\n${plain}` : plain.replace("#if", "#elif");
  const end = portable === dsp ? "#endif\n" : "";
  return `#if defined(${prefix}_CMSIS_NN)\n${cmsisNn}${rest}${end}`;
}
