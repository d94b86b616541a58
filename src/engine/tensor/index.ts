export {
  allocate,
  arrayName,
  arrayNameOf,
  bytesOf,
  type DataOf,
  type DType,
  dtypeBytes,
  dtypes,
  isDType,
  isFloat,
  type TypedArray,
  viewBytes,
} from "./dtype.ts";
export { float16FromFloat32, float32FromFloat16 } from "./float16.ts";
export { type KeyPart, mixKey, permutation, type RandomStream, randomStream } from "./random.ts";
export { type Preprocessing, type SampleDType, sampleDType, sampleDTypes } from "./sample.ts";
export {
  broadcastShape,
  elementCount,
  normalizeAxis,
  type Shape,
  sameShape,
  showShape,
  stridesOf,
} from "./shape.ts";
export { float32, scalar, type Tensor, tensor, zeros } from "./tensor.ts";
