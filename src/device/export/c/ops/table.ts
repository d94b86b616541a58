/** @file Every layer's C form. A new kind of layer does not compile until it has answered here. */

import type { ProgramLayer, Step } from "../../channels-last/channels-last.ts";
import type { KernelTraits } from "../kernels/scale.ts";
import type { CLowering, COperation } from "../operation.ts";
import {
  lowerAdd,
  lowerArgMax,
  lowerLookup,
  lowerRequantize,
  lowerSoftmax,
} from "./elementwise.ts";
import { lowerGru } from "./gru.ts";
import { lowerConcat, lowerSlice, lowerTranspose } from "./moves.ts";
import { lowerConv2d, lowerDense, lowerDepthwiseConv2d } from "./weighted.ts";
import { lowerPool } from "./window.ts";

type Table = {
  readonly [K in ProgramLayer["kind"]]: CLowering<Extract<ProgramLayer, { kind: K }>>;
};

const lowerPools = lowerPool as CLowering<never>; // one kind's lowering takes both pool kinds

const table: Table = {
  add: lowerAdd,
  argMax: lowerArgMax,
  averagePool: lowerPools,
  concat: lowerConcat,
  conv2d: lowerConv2d,
  dense: lowerDense,
  depthwiseConv2d: lowerDepthwiseConv2d,
  gru: lowerGru,
  lookup: lowerLookup,
  maxPool: lowerPools,
  requantize: lowerRequantize,
  slice: lowerSlice,
  softmax: lowerSoftmax,
  transpose: lowerTranspose,
};

/** @param name unique among the layers, a C identifier */
export function lowerToC(step: Step, name: string, traits: KernelTraits): COperation {
  // the table's key is the layer's kind, so the lowering takes this layer
  return (table[step.layer.kind] as CLowering)(step, name, traits);
}
