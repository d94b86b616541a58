import { expect, test } from "vitest";
import type { Step } from "../compile/index.ts";
import { input } from "../graph/index.ts";
import { float32, type Tensor } from "../tensor/index.ts";
import { applyInput, microSlabs } from "./micro-batches.ts";

const step: Step = {
  name: "made",
  state: [],
  metrics: [],
  microBatches: 2,
  perStep: [
    input("samples", "float32", [1, 2]),
    input("rate", "float32", []),
    input("seed", "uint32", []),
    input(applyInput, "bool", []),
  ],
};

test("batches are cut, scalars repeated, seeds made anew, the last part of each step applies", () => {
  const seeds: Tensor = { dtype: "uint32", shape: [3], data: Uint32Array.of(5, 6, 7) };
  const samples = float32([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const given = { samples, rate: float32([3], [0.5, 0.25, 0.125]), seed: seeds };
  const { samples: cut, rate, seed, ...rest } = microSlabs(step, given, 3, "seed");
  expect([cut!.shape, cut!.data]).toEqual([[6, 1, 2], samples.data]);
  expect([...(rate!.data as Float32Array)]).toEqual([0.5, 0.5, 0.25, 0.25, 0.125, 0.125]);
  expect([rate!.shape, seed!.shape]).toEqual([[6], [6]]);
  expect(rest[applyInput]).toEqual({
    dtype: "bool",
    shape: [6],
    data: Uint8Array.of(0, 1, 0, 1, 0, 1),
  });
  const drawn = [...(seed!.data as Uint32Array)];
  expect([drawn[0], drawn[2], drawn[4]]).toEqual([5, 6, 7]);
  expect(new Set(drawn).size).toBe(6);
  expect([...(seeds.data as Uint32Array)]).toEqual([5, 6, 7]); // the feed's own stay
});

test("a step of one part takes its slabs as they are", () => {
  const slabs = { samples: float32([1, 2], [1, 2]) };
  expect(microSlabs({ ...step, microBatches: 1 }, slabs, 1, "seed")).toBe(slabs);
});
