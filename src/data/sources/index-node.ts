export { type Digits, parseDigits } from "./digits.ts";
export { loadDigits } from "./digits-node.ts";
