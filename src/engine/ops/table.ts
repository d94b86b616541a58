/** @file Operators by their names. */

import { GraphError } from "../../errors/index.ts";
import type { OpDefinition } from "./define-op.ts";
import * as operators from "./operators.ts";

export type Ops = typeof operators;
export type OpName = keyof Ops;

export const ops: Ops = operators;

/** @throws GraphError "op/unknown" for a name that is not in the table */
export function definitionOf(op: string): OpDefinition {
  if (!Object.hasOwn(ops, op))
    throw new GraphError("op/unknown", {
      where: "definitionOf",
      rule: `no operator is named "${op}"`,
    });
  return ops[op as OpName].definition; // hasOwn has just checked the name
}
