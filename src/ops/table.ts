/** @file The table of all operators: the one list that autodiff, compilers and importers look names up in. */

import { GraphError } from "../errors/index.ts";
import type { OpDefinition } from "./define-op.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";

/** Every operator by its name. A new one is added here, in `ops` below, and in runtime/references.ts. */
export interface Ops {
  readonly exp: typeof exp;
  readonly mul: typeof mul;
}

export type OpName = keyof Ops;

export const ops: Ops = { exp, mul };

/** @throws GraphError "op/unknown" for a name that is not in the table */
export function definitionOf(op: string): OpDefinition {
  if (!Object.hasOwn(ops, op))
    throw new GraphError("op/unknown", {
      where: "definitionOf",
      rule: `no operator is named "${op}"`,
    });
  return ops[op as OpName].definition; // hasOwn has just checked the name
}
