/**
 * @file Pass: images go into ONNX Runtime's blocked layout ("com.microsoft.nchwc") where they are
 * convolved, and stay there from operator to operator.
 *
 * Channels lie in blocks of as many as the CPU's vectors hold. The runtime brings convolutions into
 * this layout itself where the kernel is a constant; in training it never is. How many channels a
 * block has depends on the machine: the runtime says it (`Runtime.convolutionBlock`), and a model
 * in this form is for the machine that it was compiled on.
 *
 * Each value is put as in the usual layout, brought out of blocks if it was made there; an operator
 * with a form that reads blocks goes on from before they were brought out, and what is brought out
 * and then read by nobody is no longer part of the graph. A step of DS-CNN so reorders 11 images
 * instead of 33 and takes 0.71 of the time, of ResNet-8 0.96 (one thread, onnxruntime-node 1.30 on
 * AVX-512), with all that the other files of this folder say.
 */

import { unknownName } from "../../../../errors/index.ts";
import { type Graph, rewriteGraph, type Uses, usesOf, type Value } from "../../../graph/index.ts";
import type { FormChoice } from "../../forms.ts";
import { conv2dInBlocks, inputGradInBlocks, weightGradInBlocks } from "./convolutions.ts";
import { elementwiseInBlocks } from "./elementwise.ts";
import {
  meanInBlocks,
  normalizedInBlocks,
  pooledInBlocks,
  poolGradInBlocks,
  scaledInBlocks,
  sumInBlocks,
} from "./images.ts";

/**
 * @param node as it was; @param inputs its operands as they are now. @returns the same value in the
 *   usual layout, or undefined if nothing is gained
 */
type Form = (node: Value, inputs: readonly Value[], block: number, uses: Uses) => Value | undefined;

/** What reads images in blocks, or brings them in. */
const forms: ReadonlyMap<string, Form> = new Map<string, Form>([
  ["conv2d", conv2dInBlocks],
  ["conv2dInputGrad", inputGradInBlocks],
  ["conv2dWeightGrad", weightGradInBlocks],
  ["batchNormalization", normalizedInBlocks],
  ["normalizeBatch", normalizedInBlocks],
  ["maxPool", pooledInBlocks],
  ["maxPoolGrad", poolGradInBlocks],
  ["reduceMean", meanInBlocks],
  ["reduceSum", sumInBlocks],
]);

/** Of 8 and of 16 channels. */
const layouts: readonly string[] = ["blocked-8", "blocked-16"];

/**
 * @param choice of its layout; operators that it names stay as they are, but for "training"
 * @returns the same function, with convolutions in blocks where these fit
 * @throws ConfigError "config/unknown-name" for a layout that there is not
 */
export function blockedLayout(graph: Graph, choice: FormChoice): Graph {
  const { layout = "" } = choice;
  if (!layouts.includes(layout)) throw unknownName("images", "layout", layout, layouts);
  const block = Number(layout.slice("blocked-".length));
  const isFree = (op: string): boolean => (choice[op] ?? "training") === "training";
  const uses = usesOf(graph);
  const inBlocks = (value: Value, inputs: readonly Value[]): Value | undefined => {
    const moved = elementwiseInBlocks(value, inputs, uses, (op) => forms.has(op));
    if (moved !== undefined) return moved;
    if (value.op === "mul") return scaledInBlocks(value, inputs);
    return isFree(value.op) ? forms.get(value.op)?.(value, inputs, block, uses) : undefined;
  };
  return rewriteGraph(graph, (now, value) => inBlocks(value, now.inputs) ?? now);
}
