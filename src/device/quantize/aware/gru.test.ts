import { expect, test } from "vitest";
import { input } from "../../../engine/graph/index.ts";
import { gruSequence } from "../../../engine/ops/index.ts";
import { gruOnGrid } from "./gru.ts";

test("a unit whose reset gate comes first is refused, with what to do", () => {
  const x = input("x", "float32", [3, 2, 4]);
  const weights = [
    input("kernel", "float32", [15, 4]),
    input("recurrentKernel", "float32", [15, 5]),
    input("bias", "float32", [30]),
  ] as const;
  const sequence = gruSequence(x, ...weights, { linearBeforeReset: false });
  const onGrid = () => gruOnGrid(sequence, [x, ...weights], { bits: 8, active: undefined });
  expect(onGrid).toThrow(expect.objectContaining({ code: "quantize/unsupported" }));
  expect(onGrid).toThrow("linearBeforeReset: false. Set linearBeforeReset, or train in float");
});
