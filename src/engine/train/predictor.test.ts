/** @file A sample's logits do not depend on where it stands, nor on what stands beside it. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arrayDataset, subset } from "../../data/index.ts";
import { networkOf } from "../../distill/index.ts";
import { initialParameters, type NetworkSpec } from "../nn/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { nodeRuntime } from "../runtime/node.ts";
import { permutation, randomStream } from "../tensor/index.ts";
import { openPredictor } from "./predictor.ts";

const classNames = Array.from({ length: 10 }, (_, c) => `class ${c}`);
const samples = 41;
const stream = randomStream("pixels");
const dataset = arrayDataset({
  name: "noise",
  dtype: "uint8",
  shape: [1, 12, 12],
  data: Uint8Array.from({ length: samples * 144 }, () => stream.integer(256)),
  labels: new Int32Array(samples),
  classNames,
});

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const families: readonly NetworkSpec[] = [
  { family: "mlp", hidden: [70, 33] },
  { family: "cnn", channels: [5, 9], hidden: [17], batchNorm: true },
];

describe.each(families)("$family", (spec) => {
  test.each([1, 2])(
    "rows are byte-equal in any order, batch and padding, at %i thread(s)",
    async (threads) => {
      const about = { spec, sample: dataset, classNames };
      const network = networkOf(about);
      const weights = initialParameters(network.parameters, 3);
      const base = {
        network,
        sample: dataset,
        preprocessing: dataset.preprocessing,
        weights,
        threads,
      };
      const predictor = await openPredictor(runtime, { ...base, batchSize: 16 }); // 41 = 16 + 16 + 9 and 7 of padding
      const rows = await predictor.datasetLogits(dataset, {});
      expect(rows).toHaveLength(samples * 10);
      const order = permutation(samples, 1, "order");
      const moved = await predictor.datasetLogits(subset(dataset, order, "moved"), {});
      for (const [place, index] of order.entries())
        expect(moved.subarray(place * 10, place * 10 + 10)).toEqual(
          rows.subarray(index * 10, index * 10 + 10),
        );
      for (const index of [0, 15, 40]) {
        const alone = await predictor.datasetLogits(subset(dataset, [index], "one"), {});
        expect(alone).toEqual(rows.slice(index * 10, index * 10 + 10));
      }
      const pixels = new Uint8Array(samples * 144);
      await dataset.gather(
        Int32Array.from({ length: samples }, (_, i) => i),
        pixels,
      );
      expect(await predictor.logits(pixels, {})).toEqual(rows);
      await predictor.close();
    },
  );

  test("weights fed at each call give what weights baked in give", async () => {
    const network = networkOf({ spec, sample: dataset, classNames });
    const weights = initialParameters(network.parameters, 3);
    const base = { network, sample: dataset, preprocessing: dataset.preprocessing, batchSize: 16 };
    const fed = await openPredictor(runtime, base);
    const baked = await openPredictor(runtime, { ...base, weights });
    const [a, b] = [
      await fed.datasetLogits(dataset, Object.fromEntries(weights)),
      await baked.datasetLogits(dataset, {}),
    ];
    const worst = Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
    expect(worst).toBeLessThan(1e-5); // constants may be folded, which rounds elsewhere
  });
});
