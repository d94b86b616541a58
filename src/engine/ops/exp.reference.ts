/** @file exp in float64, obviously right. */

import type { Reference } from "./reference.ts";

export const expReference: Reference = ([x]) => ({
  shape: x!.shape,
  data: x!.data.map(Math.exp),
});
