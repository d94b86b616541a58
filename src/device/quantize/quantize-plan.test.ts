/** @file What becomes of a plan: kinds of layers, scales and element types of tensors. */

import { describe, expect, test } from "vitest";
import { constant, input, type Value } from "../../engine/graph/index.ts";
import {
  add,
  argMax,
  cast,
  concat,
  gemm,
  gruSequence,
  mul,
  relu,
  reshape,
  sigmoid,
  slice,
  softmax,
  transpose,
} from "../../engine/ops/index.ts";
import { elementCount, float32, randomStream, type Shape } from "../../engine/tensor/index.ts";
import { observedValues } from "./calibrate.ts";
import { planLayers } from "./lowering/plan.ts";
import type { RealRange } from "./observers.ts";
import { quantizePlan } from "./quantize-plan.ts";
import type { QuantizedGraph } from "./quantized-graph.ts";
import { withSteps } from "./with-steps.ts";

const stream = randomStream(5, "weights");
const draw = (shape: Shape): Value =>
  constant(
    float32(
      shape,
      Float32Array.from({ length: elementCount(shape) }, () => 2 * stream.uniform() - 1),
    ),
  );
const dense = (x: Value, units: number): Value =>
  gemm(x, draw([x.shape[1]!, units]), { c: draw([units]) });

const features = input("samples", "float32", [1, 6]);
const sequence = input("samples", "float32", [1, 5, 3]);

/** the last state of two units over the sequence */
function lastState(): Value {
  const weights = [draw([6, 3]), draw([6, 2]), draw([12])] as const;
  const states = gruSequence(transpose(sequence, [1, 0, 2]), ...weights);
  const rows = transpose(states, [1, 0, 2]);
  return reshape(slice(rows, { starts: [4], ends: [5], axes: [1] }), [1, 2]);
}

/** every activation in the range, [−3, 3] by default */
function planned(samples: Value, value: Value, range: RealRange = { min: -3, max: 3 }) {
  const outputs = [{ name: "logits", value }];
  const plan = planLayers({ name: "net", inputs: [samples], outputs });
  return quantizePlan(plan, new Map(observedValues(plan).map((each) => [each, range])));
}

const kinds = ({ layers }: QuantizedGraph): string => layers.map(({ kind }) => kind).join(" ");

/** zero point and scale of the result of each layer of a kind, by the order of layers */
const scales = ({ layers, tensors }: QuantizedGraph, of: string): readonly string[] =>
  layers.flatMap(({ kind, output }) => {
    const { scale, zeroPoint } = tensors[output]!;
    return kind === of ? [`${zeroPoint} ${scale}`] : [];
  });

const state = `0 ${1 / 128}`;
const probability = `-128 ${1 / 256}`;

describe("what always has one scale, joined to other activations", () => {
  test("is requantised right before, so that a network still listens step by step", () => {
    const last = lastState();
    const graph = planned(sequence, dense(concat([last, dense(last, 4)], 1), 3));
    expect(kinds(graph)).toBe("reshape gru reshape slice reshape dense requantize concat dense");
    for (const kind of ["gru", "slice"]) expect(scales(graph, kind)).toEqual([state]);
    const joined = scales(graph, "concat");
    expect(scales(graph, "requantize")).toEqual(joined);
    expect(scales(graph, "dense")[0]).toBe(joined[0]);
    const [requantize, concatenation] = graph.layers.slice(6, 8);
    expect(requantize!.inputs).toEqual(graph.layers[5]!.inputs); // the state, as dense reads it
    expect(concatenation!.inputs).toEqual([requantize!.output, graph.layers[5]!.output]);
    expect(withSteps(graph, 1)).toBeDefined();
  });

  test("in another concat too, each has its own scale", () => {
    const p = softmax(dense(features, 4));
    const [first, second] = [concat([p, dense(features, 2)], 1), concat([dense(p, 4), p], 1)];
    const graph = planned(features, add(dense(first, 3), dense(second, 3)));
    expect(scales(graph, "softmax")).toEqual([probability]);
    expect(scales(graph, "requantize")).toEqual(scales(graph, "concat"));
    expect(kinds(graph).match(/requantize/g)).toHaveLength(2);
  });

  test("of two kinds: both are requantised", () => {
    const last = lastState();
    const graph = planned(sequence, dense(concat([last, softmax(last)], 1), 3));
    expect(kinds(graph)).toContain("softmax requantize requantize concat");
    expect(scales(graph, "softmax")).toEqual([probability]);
    const union = `0 ${Math.fround((1 + 255 / 256) / 255)}`;
    expect([...scales(graph, "requantize"), ...scales(graph, "concat")]).toEqual(
      Array.from({ length: 3 }, () => union),
    );
  });

  test("needs none where all of it has that scale, or its range holds the rest", () => {
    const states = concat([lastState(), lastState()], 1);
    expect(kinds(planned(sequence, dense(states, 3)))).not.toContain("requantize");
    const narrow = { min: -0.5, max: 0.5 };
    const p = concat([softmax(dense(features, 4)), sigmoid(dense(features, 2))], 1);
    const within = planned(features, dense(p, 3), { min: 0, max: 0.5 });
    expect(kinds(within)).not.toContain("requantize");
    expect(scales(within, "lookup")).toEqual([probability]);
    const beside = concat([states, relu(dense(reshape(sequence, [1, 15]), 2))], 1);
    expect(kinds(planned(sequence, dense(beside, 3), narrow))).not.toContain("requantize");
    expect(kinds(planned(sequence, dense(beside, 3)))).toMatch(/concat .*requantize concat dense$/);
  });
});

test("samples that fit int8 exactly do so joined to their own, and not to others", () => {
  const bytes = input("samples", "uint8", [1, 6]);
  const x = mul(cast(bytes, "float32"), 1 / 128);
  const exact = `-128 ${1 / 128}`;
  const alone = planned(bytes, dense(concat([x, reshape(x, [1, 6])], 1), 3));
  expect(scales(alone, "concat")).toEqual([exact]);
  expect(alone.tensors[0]).toMatchObject({ scale: 1 / 128, zeroPoint: -128 });
  const beside = planned(bytes, dense(concat([x, softmax(dense(x, 2)), dense(x, 2)], 1), 3));
  expect(scales(beside, "concat")).toEqual([`-1 ${Math.fround(6 / 255)}`]);
  expect(beside.tensors[0]).toMatchObject({ scale: Math.fround(6 / 255), zeroPoint: -1 });
});

describe("the index of argMax", () => {
  test("is int32 in another shape too", () => {
    const index = argMax(dense(features, 4), { axis: 1 });
    const { tensors, output } = planned(features, reshape(index, [1, 1]));
    expect(tensors.map(({ dtype }) => dtype)).toEqual(["int8", "int8", "int32", "int32"]);
    expect(tensors[output]).toMatchObject({ shape: [1], scale: 1, zeroPoint: 0 });
  });

  test("is the network's end", () => {
    const index = argMax(dense(features, 4), { axis: 1, keepDims: true });
    const other = argMax(dense(features, 3), { axis: 1, keepDims: true });
    expect(() => planned(features, concat([index, other], 1))).toThrowErrorMatchingInlineSnapshot(
      `[QuantizeError: concat: an index of argMax may be reshaped, and nothing else, got concat of argMax and argMax. Let the network end with the index, and go on outside of it.]`,
    );
    expect(() => planned(features, add(index, index))).toThrow(/^add: /);
  });
});
