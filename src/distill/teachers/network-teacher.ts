/**
 * @file A network trained here as a teacher. Always in inference mode; its weights are constants of
 * the compiled graph.
 */

import { macCount, parameterCount, summarize } from "../../engine/nn/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { zeros } from "../../engine/tensor/index.ts";
import {
  inferenceGraph,
  loadGraph,
  openPredictor,
  samplesInput,
} from "../../engine/train/index.ts";
import { studentFile } from "../student-file.ts";
import { type Model, modelHash, networkOf } from "../training/model-file.ts";
import { assertTeacherSamples } from "./assert-teacher.ts";
import { localWorkload, sessionOptions, type TeacherThreads } from "./local-work.ts";
import { networkFeatures } from "./network-features.ts";
import type { Teacher } from "./teacher.ts";
import { untilClosed } from "./until-closed.ts";

export interface NetworkTeacherOptions extends TeacherThreads {
  /** samples in one run; default 256 */
  readonly batchSize?: number;
}

/**
 * Opens a network of Potstill's own as teacher.
 *
 * @returns a teacher whose `logits` refuse samples of another form than the model's: DataError
 *   "teacher/input-shape"
 */
export async function networkTeacher(
  runtime: Runtime,
  model: Model,
  { batchSize = 256, ...threads }: NetworkTeacherOptions = {},
): Promise<Teacher> {
  const network = networkOf(model);
  const { length: bytes } = studentFile(model).bytes;
  const predictor = await openPredictor(runtime, {
    network,
    sample: model.sample,
    preprocessing: model.preprocessing,
    batchSize,
    weights: model.weights,
    ...sessionOptions(threads),
  });
  const hash = modelHash(model);
  return untilClosed({
    name: network.name,
    hash,
    members: [{ name: network.name, hash, kind: "logits" }],
    combine: "arithmetic",
    classCount: network.classCount,
    classNames: model.classNames,
    parameters: parameterCount(network),
    macs: macCount(network),
    bytes,
    summary: summarize(network),
    workload: localWorkload(batchSize, threads),
    models: [model],
    currentHash: () => modelHash(model),
    time: async (runs) => {
      const { sample, preprocessing, weights } = model;
      const graph = inferenceGraph({ network, sample, preprocessing, weights, batchSize: 1 });
      const session = await loadGraph(runtime, graph);
      const one = zeros(sample.dtype, [1, ...sample.shape]);
      try {
        return await session.time({ [samplesInput]: one }, runs);
      } finally {
        await session.dispose();
      }
    },
    logits: async ({ samples }) => {
      assertTeacherSamples(`teacher "${network.name}"`, model.sample, samples);
      return predictor.logits(samples.data, {});
    },
    features: (layers, size) =>
      networkFeatures(runtime, model, layers, { ...threads, batchSize: Math.min(size, batchSize) }),
    close: () => predictor.close(),
  });
}
