/** @file What the layers of a network of Potstill's own give, opened beside its logits. */

import type { Runtime } from "../../engine/runtime/index.ts";
import { elementCount, type Tensor } from "../../engine/tensor/index.ts";
import { featureGraph, loadGraph, samplesInput } from "../../engine/train/index.ts";
import { type Model, networkOf } from "../training/model-file.ts";
import { assertTeacherSamples } from "./assert-teacher.ts";
import { featureRunner } from "./feature-runner.ts";
import type { TeacherFeatures } from "./teacher.ts";

/**
 * @param layers paths of layers, all different
 * @throws ConfigError "config/unknown-name"
 */
export async function networkFeatures(
  runtime: Runtime,
  model: Model,
  layers: readonly string[],
  { batchSize, threads = 1 }: { readonly batchSize: number; readonly threads?: number },
): Promise<TeacherFeatures> {
  const network = networkOf(model);
  const { sample, preprocessing, weights } = model;
  const graph = featureGraph({ network, sample, preprocessing, weights, batchSize }, layers);
  const shapes = graph.outputs.map(({ value }) => value.shape.slice(1));
  const session = await loadGraph(runtime, graph, { threads });
  const { dtype, shape } = sample;
  const run = featureRunner(session, {
    // the samples are of the model's dtype, as `ask` has seen
    feed: (data) => ({ [samplesInput]: { dtype, shape: [batchSize, ...shape], data } as Tensor }),
    tensors: layers,
    shapes,
    batchSize,
    sampleSize: elementCount(shape),
  });
  return {
    shapes,
    ask: async ({ samples }) => {
      assertTeacherSamples(`teacher "${network.name}"`, sample, samples);
      return run(samples.data);
    },
    close: () => session.dispose(),
  };
}
