/** @file ONNX element types ↔ ours. */

import { TensorProto_DataType as Onnx } from "onnx-buf";
import { DataError } from "../../errors/index.ts";
import type { DType } from "../tensor/index.ts";

const toOnnx: { readonly [D in DType]: Onnx } = {
  float32: Onnx.FLOAT,
  float64: Onnx.DOUBLE,
  float16: Onnx.FLOAT16,
  int8: Onnx.INT8,
  uint8: Onnx.UINT8,
  int32: Onnx.INT32,
  uint32: Onnx.UINT32,
  int64: Onnx.INT64,
  bool: Onnx.BOOL,
};

const fromOnnx = new Map(Object.entries(toOnnx).map(([dtype, code]) => [code, dtype as DType])); // keys are DTypes

export function onnxDType(dtype: DType): Onnx {
  return toOnnx[dtype];
}

/**
 * @throws DataError "file/unsupported-dtype" for types that Potstill has no array for (strings,
 *   bfloat16, …)
 */
export function dtypeOfOnnx(where: string, code: number): DType {
  const dtype = fromOnnx.get(code);
  if (dtype === undefined)
    throw new DataError("file/unsupported-dtype", {
      where,
      rule: "element types must be float16, float32, float64, int8, uint8, int32, uint32, int64 or bool",
      got: `ONNX element type ${Onnx[code] ?? code}`,
      fix: "Convert the model to one of these types",
      details: { code },
    });
  return dtype;
}
