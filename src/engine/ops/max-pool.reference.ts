/** @file maxPool in float64, obviously right. */

import { firstMaxima } from "./pool-loops.reference.ts";
import type { Reference } from "./reference.ts";

export const maxPoolReference: Reference = ([x], attrs, { shape }) => ({
  shape,
  data: Float64Array.from(firstMaxima(x!, shape, attrs), (position) => x!.data[position]!),
});
