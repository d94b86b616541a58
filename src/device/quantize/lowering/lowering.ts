/** @file What lowering an operator is, and the errors it ends with. */

import type { Value } from "../../../engine/graph/index.ts";
import { QuantizeError } from "../../../errors/index.ts";
import type { FloatLayer } from "./float-layer.ts";

/** What a lowering sees of the layers before it. */
export interface LoweringContext {
  /** the layer that makes a value, if this value is its only reader's: it may still be changed */
  readonly absorbable: (value: Value) => FloatLayer | undefined;
}

/**
 * @returns the layer that makes `value`. If it has swallowed the one before it (a fused
 *   activation), that one's result is no longer needed and drops out.
 */
export type Lowering = (value: Value, context: LoweringContext) => FloatLayer;

/** Why an operator has no int8 form, and what to take in its place. */
export interface Unsupported {
  readonly unsupported: string;
}

export function unsupported(reason: string): Unsupported {
  return { unsupported: reason };
}

/** @returns where a value comes from, for messages */
export function placeOf(value: Value): string {
  return value.origin === "" ? value.op : `${value.origin} (${value.op})`;
}

/** @returns the error of an operator that cannot be brought to int8 as it is used here */
export function refusal(value: Value, rule: string, got: string, fix: string): QuantizeError {
  return new QuantizeError("quantize/unsupported", {
    where: placeOf(value),
    rule,
    got,
    fix,
    details: { op: value.op, origin: value.origin, shape: value.shape },
  });
}
