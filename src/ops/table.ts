/** @file The table of all operators: the one list that autodiff, compilers and importers look names up in. */

import { GraphError } from "../errors/index.ts";
import type { OpDefinition } from "./define-op.ts";
import { add } from "./add.ts";
import { cast } from "./cast.ts";
import { div } from "./div.ts";
import { equal } from "./equal.ts";
import { exp } from "./exp.ts";
import { expand } from "./expand.ts";
import { gemm } from "./gemm.ts";
import { greater } from "./greater.ts";
import { less } from "./less.ts";
import { log } from "./log.ts";
import { logSoftmax } from "./log-softmax.ts";
import { matMul } from "./mat-mul.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { reduceMax } from "./reduce-max.ts";
import { reduceMean } from "./reduce-mean.ts";
import { reduceSum } from "./reduce-sum.ts";
import { relu } from "./relu.ts";
import { reshape } from "./reshape.ts";
import { softmax } from "./softmax.ts";
import { stopGradient } from "./stop-gradient.ts";
import { sub } from "./sub.ts";
import { transpose } from "./transpose.ts";
import { where } from "./where.ts";

/** Every operator by its name. A new one is added here, in `ops` below, and in runtime/references.ts. */
export interface Ops {
  readonly add: typeof add;
  readonly cast: typeof cast;
  readonly div: typeof div;
  readonly equal: typeof equal;
  readonly exp: typeof exp;
  readonly expand: typeof expand;
  readonly gemm: typeof gemm;
  readonly greater: typeof greater;
  readonly less: typeof less;
  readonly log: typeof log;
  readonly logSoftmax: typeof logSoftmax;
  readonly matMul: typeof matMul;
  readonly mul: typeof mul;
  readonly neg: typeof neg;
  readonly reduceMax: typeof reduceMax;
  readonly reduceMean: typeof reduceMean;
  readonly reduceSum: typeof reduceSum;
  readonly relu: typeof relu;
  readonly reshape: typeof reshape;
  readonly softmax: typeof softmax;
  readonly stopGradient: typeof stopGradient;
  readonly sub: typeof sub;
  readonly transpose: typeof transpose;
  readonly where: typeof where;
}

export type OpName = keyof Ops;

export const ops: Ops = {
  add,
  cast,
  div,
  equal,
  exp,
  expand,
  gemm,
  greater,
  less,
  log,
  logSoftmax,
  matMul,
  mul,
  neg,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  softmax,
  stopGradient,
  sub,
  transpose,
  where,
};

/** @throws GraphError "op/unknown" for a name that is not in the table */
export function definitionOf(op: string): OpDefinition {
  if (!Object.hasOwn(ops, op))
    throw new GraphError("op/unknown", {
      where: "definitionOf",
      rule: `no operator is named "${op}"`,
    });
  return ops[op as OpName].definition; // hasOwn has just checked the name
}
