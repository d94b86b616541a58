/** @file reshape in float64: the same elements. */

import type { Reference } from "./reference.ts";

export const reshapeReference: Reference = ([x], _attrs, { shape }) => ({ shape, data: x!.data });
