/** @file gelu's tanh form far out, in ONNX Runtime: cubes overflow there, its slope must not. */

import { expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { input } from "../../src/engine/graph/index.ts";
import { gelu, reduceSum } from "../../src/engine/ops/index.ts";
import { float32 } from "../../src/engine/tensor/index.ts";
import { evaluateReference, referenceTensor } from "../reference/evaluate.ts";
import { assertClose } from "../support/close.ts";
import { runGraph } from "../support/run-graph.ts";

it("gelu's tanh form is x and 0 out to float32's largest numbers, its slope 1 and 0", async () => {
  const x = float32([8], [12, 1e4, 1e19, 3e38, -12, -1e4, -1e19, -3e38]);
  const placeholder = input("x", "float32", x.shape);
  const value = gelu(placeholder, { form: "tanh" });
  const [slope] = gradients(reduceSum(value), [placeholder]);
  const outputs = [
    { name: "value", value },
    { name: "slope", value: slope! },
  ];
  const graph = { name: "gelu", inputs: [placeholder], outputs };
  const produced = await runGraph(graph, { x });
  const expected = evaluateReference(graph, { x: referenceTensor(x) });
  const exact = { rtol: 1e-7, atol: 0 };
  for (const name of ["value", "slope"])
    assertClose(name, referenceTensor(produced[name]!), expected[name]!, exact);
  expect(Array.from(produced.slope!.data, Number)).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
});
