/**
 * @file Every layer's TensorFlow Lite form. A new kind of layer does not compile until it has
 * answered here.
 */

import type { ProgramLayer, Step } from "../../channels-last/channels-last.ts";
import type { TfliteLowering } from "../lowering.ts";
import type { Network } from "../network.ts";
import { lowerAdd } from "./add.ts";
import { lowerArgMax } from "./arg-max.ts";
import { lowerConcat } from "./concat.ts";
import { lowerConv2d } from "./conv2d.ts";
import { lowerDense } from "./dense.ts";
import { lowerDepthwiseConv2d } from "./depthwise-conv2d.ts";
import { lowerGru } from "./gru.ts";
import { lowerLookup } from "./lookup.ts";
import { lowerPool } from "./pool.ts";
import { lowerRequantize } from "./requantize.ts";
import { lowerSlice } from "./slice.ts";
import { lowerSoftmax } from "./softmax.ts";
import { lowerTranspose } from "./transpose.ts";

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
