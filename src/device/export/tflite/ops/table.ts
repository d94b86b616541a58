/**
 * @file Every layer's TensorFlow Lite form. A new kind of layer does not compile until it has
 * answered here.
 */

import type { ProgramLayer, Step } from "../../channels-last/channels-last.ts";
import type { TfliteLowering } from "../lowering.ts";
import type { Network } from "../network.ts";
import {
  lowerAdd,
  lowerArgMax,
  lowerLookup,
  lowerRequantize,
  lowerSoftmax,
} from "./elementwise.ts";
import { lowerGru } from "./gru.ts";
import { lowerConcat, lowerSlice, lowerTranspose } from "./moves.ts";
import { lowerConv2d, lowerDense, lowerDepthwiseConv2d, lowerPool } from "./windows.ts";

type Table = {
  readonly [K in ProgramLayer["kind"]]: TfliteLowering<Extract<ProgramLayer, { kind: K }>>;
};

const lowerPools = lowerPool as TfliteLowering<never>; // one kind's lowering takes both pool kinds

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

/** Appends a step to the network. @throws ExportError "export/unsupported" */
export function lowerToTflite(step: Step, network: Network): void {
  // the table's key is the layer's kind, so the lowering takes this layer
  (table[step.layer.kind] as TfliteLowering)(step, network);
}
