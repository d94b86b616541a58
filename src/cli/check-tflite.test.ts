import { expect, test } from "vitest";
import { randomInputs } from "../../test/support/integer-parity.ts";
import { randomLayer } from "../../test/support/random-layers.ts";
import { exportTflite } from "../export/index.ts";
import { assertTfliteParity } from "./check-tflite.ts";

const graph = randomLayer("dense", 1);
const samples = randomInputs(graph, 5);

test("LiteRT is installed for the tests, and agrees", async () => {
  expect(await assertTfliteParity(graph, exportTflite(graph), samples)).toBe(true);
});

test("a file of another network is reported with the sample", async () => {
  const [layer] = graph.layers;
  if (layer?.kind !== "dense") throw new Error("a dense layer was drawn");
  const other = { ...graph, layers: [{ ...layer, weights: layer.weights.toReversed() }] };
  await expect(assertTfliteParity(graph, exportTflite(other), samples)).rejects.toThrow(
    expect.objectContaining({ code: "export/parity", details: { sample: 0 } }),
  );
});
