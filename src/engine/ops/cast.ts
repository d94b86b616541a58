/** @file cast: change of dtype. ONNX: Cast (opset 13). */

import { unknownName } from "../../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { onnxDType } from "../onnx/index.ts";
import { type DType, dtypes, isFloat } from "../tensor/index.ts";
import { defineOp, type Op } from "./define-op.ts";

type CastAttrs = { readonly dtype: DType };

function infer([x]: readonly TensorType[], { dtype }: CastAttrs): TensorType {
  if (!dtypes.includes(dtype)) throw unknownName("cast", "dtype", dtype, dtypes);
  return { shape: x!.shape, dtype };
}

/**
 * y = x in another dtype. Floats become integers towards zero; bool is x ≠ 0. Out of an integer's
 * range the result is undefined.
 *
 * @param x tensor of any dtype and shape; @param dtype the result's dtype
 * @returns same shape
 * @throws ConfigError "config/unknown-name"
 */
export const cast: Op<[x: Value, dtype: DType]> = defineOp({
  name: "cast",
  arguments: (x: Value, dtype: DType) => ({ inputs: [x], attrs: { dtype } satisfies CastAttrs }),
  infer,
  vjp: ({ inputs: [x], attrs, cotangent, ops }) => [
    isFloat(x!.dtype) && isFloat(attrs.dtype) ? ops.cast(cotangent, x!.dtype) : null,
  ],
  toOnnx: ({ emit, inputs, attrs }) =>
    emit.node("Cast", inputs, { to: BigInt(onnxDType(attrs.dtype)) }),
  elementwise: true,
});
