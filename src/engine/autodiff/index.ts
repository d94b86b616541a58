export { gradients, sumToShape } from "./gradients.ts";
