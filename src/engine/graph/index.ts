export { type Graph, type GraphOutput, topologicalOrder, valuesOf, verifyGraph } from "./graph.ts";
export { printGraph } from "./print.ts";
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
