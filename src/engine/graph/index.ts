export { type Graph, type GraphOutput, topologicalOrder, valuesOf, verifyGraph } from "./graph.ts";
export { printGraph } from "./print.ts";
export { rewriteGraph, withInputs } from "./rewrite.ts";
export { type Uses, usesOf } from "./uses.ts";
export {
  type Attrs,
  type AttrValue,
  constant,
  input,
  makeNode,
  type TensorType,
  type Value,
  withOrigin,
} from "./value.ts";
