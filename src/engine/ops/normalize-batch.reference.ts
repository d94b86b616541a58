/** @file normalizeBatch in float64: the formula of batchNormalization. */

import { batchNormalizationReference } from "./batch-normalization.reference.ts";
import type { Reference } from "./reference.ts";

export const normalizeBatchReference: Reference = batchNormalizationReference;
