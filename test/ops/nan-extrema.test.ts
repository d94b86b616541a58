/**
 * @file What the documentation of argMax, reduceMax and reduceMin says about NaN: in the reference,
 * the first NaN; in ONNX Runtime, some element, and never one of another line.
 */

import { describe, expect, it } from "vitest";
import { input, type Value } from "../../src/engine/graph/index.ts";
import { argMax, reduceMax, reduceMin } from "../../src/engine/ops/index.ts";
import { float32, type Tensor } from "../../src/engine/tensor/index.ts";
import { evaluateValues, referenceTensor } from "../reference/evaluate.ts";
import { runGraph } from "../support/run-graph.ts";

const lines: readonly (readonly number[])[] = [
  [1, NaN, 3, 2],
  [NaN, 1, 3, 2],
  [1, 3, 2, NaN],
  [1, NaN, 3, NaN],
  [-Infinity, NaN, -Infinity, -3],
  [NaN, NaN, NaN, NaN],
];
const whole = [7, 9, 8, 9]; // beside a line with NaN, without one

/** Two lines along the last axis, or along the first one; or the one alone. */
const layouts = {
  alone: { axis: 0, place: (line: readonly number[]) => float32([4], line) },
  "last axis": {
    axis: 1,
    place: (line: readonly number[]) => float32([2, 4], [...line, ...whole]),
  },
  "first axis": {
    axis: 0,
    place: (line: readonly number[]) =>
      float32(
        [4, 2],
        line.flatMap((element, i) => [element, whole[i]!]),
      ),
  },
} as const;

function results(x: Value, axis: number): Readonly<Record<string, Value>> {
  return {
    argMax: argMax(x, { axis }),
    reduceMax: reduceMax(x, { axes: [axis] }),
    reduceMin: reduceMin(x, { axes: [axis] }),
  };
}

function numbers({ data }: Tensor): readonly number[] {
  return Array.from(data as ArrayLike<number | bigint>, Number); // any typed array is one
}

describe.each(Object.entries(layouts))("%s", (_, { axis, place }) => {
  it.each(lines.map((line) => [line.join(", "), line] as const))(
    "%s in the reference: NaN, and where it is",
    (_name, line) => {
      const tensor = place(line);
      const x = input("x", "float32", tensor.shape);
      const fed = new Map([[x, referenceTensor(tensor)]]);
      const [index, most, least] = evaluateValues(Object.values(results(x, axis)), fed);
      const firstNaN = line.findIndex(Number.isNaN);
      const isAlone = tensor.shape.length === 1;
      expect([...index!.data]).toEqual(isAlone ? [firstNaN] : [firstNaN, 1]);
      expect([...most!.data]).toEqual(isAlone ? [NaN] : [NaN, 9]);
      expect([...least!.data]).toEqual(isAlone ? [NaN] : [NaN, 7]);
    },
  );

  it.each(lines.map((line) => [line.join(", "), line] as const))(
    "%s in ONNX Runtime: some element",
    async (_name, line) => {
      const tensor = place(line);
      const x = input("x", "float32", tensor.shape);
      const outputs = Object.entries(results(x, axis)).map(([name, value]) => ({ name, value }));
      const produced = await runGraph({ name: "nan", inputs: [x], outputs }, { x: tensor });
      const [index, most, least] = ["argMax", "reduceMax", "reduceMin"].map((name) =>
        numbers(produced[name]!),
      );
      expect([0, 1, 2, 3]).toContain(index![0]);
      const isElement = (result: readonly number[]): boolean => line.includes(result[0]!); // NaN too
      expect([most!, least!].map(isElement)).toEqual([true, true]);
      const others = [index, most, least].map((result) => result!.slice(1));
      expect(others).toEqual(tensor.shape.length === 1 ? [[], [], []] : [[1], [9], [7]]);
    },
  );
});
