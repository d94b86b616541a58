import { describe, expect, it } from "vitest";
import { float32 } from "../tensor/index.ts";
import { type Graph, topologicalOrder, verifyGraph } from "./graph.ts";
import { printGraph } from "./print.ts";
import { constant, input, makeNode, type Value, withOrigin } from "./value.ts";

const type = { dtype: "float32", shape: [2, 3] } as const;
const x = input("x", "float32", [2, 3]);
const relu = (value: Value): Value => makeNode("relu", [value], {}, type);
const add = (a: Value, b: Value): Value => makeNode("add", [a, b], {}, type);

const sound: Graph = {
  name: "step",
  inputs: [x],
  outputs: [{ name: "y", value: relu(x) }],
};

describe("verifyGraph", () => {
  it("accepts a well-formed graph, with an input that nothing uses and an output that is an input", () => {
    expect(() => verifyGraph(sound)).not.toThrow();
    const spare = input("spare", "int32", []);
    const outputs = [...sound.outputs, { name: "same", value: x }];
    expect(() => verifyGraph({ ...sound, inputs: [x, spare], outputs })).not.toThrow();
  });

  const y = relu(x);
  const holds = constant(float32([3], [1, 2, 3]));
  const broken: readonly (readonly [string, Partial<Graph>, string])[] = [
    [
      "two inputs of one name",
      { inputs: [x, input("x", "float32", [])] },
      'input names must be unique, got "x" twice',
    ],
    [
      "two outputs of one name",
      {
        outputs: [
          { name: "y", value: y },
          { name: "y", value: x },
        ],
      },
      'output names must be unique, got "y" twice',
    ],
    [
      "an input without name",
      { inputs: [x, input("", "float32", [])] },
      'every input needs a name, got ""',
    ],
    [
      "an output without name",
      { outputs: [{ name: "", value: y }] },
      'every output needs a name, got ""',
    ],
    [
      "an output named like an input",
      { outputs: [{ name: "x", value: y }] },
      'an output must not be named like an input, got "x" on both sides',
    ],
    [
      "an input that is computed",
      { inputs: [x, { ...y, name: "z" }] },
      "every input must be a placeholder, got a result of relu",
    ],
    [
      "a placeholder that is not declared",
      { inputs: [] },
      'every placeholder must be declared as an input, got undeclared "x"',
    ],
    [
      "a placeholder that only looks like a declared one",
      { inputs: [input("x", "float32", [2, 3])] },
      'every placeholder must be declared as an input, got undeclared "x"',
    ],
    [
      "a size that is no integer",
      { outputs: [{ name: "y", value: { ...y, shape: [2, 1.5] } }] },
      "sizes must be non-negative integers, got relu of [2,1.5]",
    ],
    [
      "a negative size",
      { outputs: [{ name: "y", value: { ...y, shape: [-1] } }] },
      "sizes must be non-negative integers, got relu of [-1]",
    ],
    [
      "a constant of another shape than its tensor",
      { outputs: [{ name: "y", value: { ...holds, shape: [4] } }] },
      "a constant must have its tensor's type, got float32[4] of a float32[3]",
    ],
    [
      "a constant of another dtype than its tensor",
      { outputs: [{ name: "y", value: { ...holds, dtype: "int32" } }] },
      "a constant must have its tensor's type, got int32[3] of a float32[3]",
    ],
    [
      "a constant whose tensor is too short",
      {
        outputs: [
          {
            name: "y",
            value: constant({ dtype: "float32", shape: [3], data: new Float32Array(2) }),
          },
        ],
      },
      "a constant's tensor must be full, got 2 elements of float32[3]",
    ],
  ];

  it.each(broken)("refuses %s", (_, change, sentence) => {
    const message = `graph "step": ${sentence}.`;
    expect(() => verifyGraph({ ...sound, ...change })).toThrow(
      expect.objectContaining({ code: "graph/invalid", message }),
    );
  });
});

describe("topologicalOrder", () => {
  it("puts every value once and after its inputs, also in a chain too deep for recursion", () => {
    let value: Value = x;
    for (let i = 0; i < 50_000; i++) value = i % 1000 === 0 ? add(value, value) : relu(value);
    const order = topologicalOrder([value, x]);
    expect(order).toHaveLength(50_001);
    expect(order[0]).toBe(x);
    expect(order.at(-1)).toBe(value);
  });
});

it("prints one value a line, attributes, constants and layer paths included", () => {
  const scale = constant(float32([6], [1, 2, 3, 4, 5, 6]));
  const scaled = makeNode("mul", [relu(x), scale], { axes: [0, 1], keep: true }, type);
  const labelled = withOrigin(add(scaled, scaled), "hidden1");
  const outputs = [{ name: "y", value: labelled }];
  expect(printGraph({ ...sound, outputs })).toBe(
    `step(x: float32[2, 3]) → y
  %0 = relu(x) : float32[2, 3]
  %1 = constant(value=float32[6]{1, 2, 3, 4, …}) : float32[6]
  %2 = mul(%0, %1, axes=[0, 1], keep=true) : float32[2, 3]
  %3 = add(%2, %2) : float32[2, 3]  # hidden1
  y = %3
`,
  );
});
