export { exp } from "./exp.ts";
export { mul } from "./mul.ts";
export {
  defineOp,
  type NoGradient,
  type OnnxContext,
  type Op,
  type OpDefinition,
  type Operand,
  type Vjp,
  type VjpContext,
} from "./define-op.ts";
export { type Emit, ints, type OnnxAttr } from "./emit.ts";
export { definitionOf, type OpName, type Ops, ops } from "./table.ts";
