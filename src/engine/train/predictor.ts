/** @file Runs a network forward over data sets: validation, test, and networks as teachers. */

import { DataError, unknownName } from "../../errors/index.ts";
import { constant, type Graph, input, type Value } from "../graph/index.ts";
import { type ForwardContext, type Network, networkInput } from "../nn/index.ts";
import type { Feeds, Runtime, SessionOptions } from "../runtime/index.ts";
import type { Preprocessing, SampleDType } from "../tensor/index.ts";
import {
  allocate,
  type DataOf,
  elementCount,
  type Shape,
  showShape,
  type Tensor,
} from "../tensor/index.ts";
import { loadGraph } from "./limited-kernels.ts";
import { samplesInput, seedInput } from "./step-builder.ts";

interface InferenceOptions {
  readonly network: Network;
  readonly sample: { readonly dtype: SampleDType; readonly shape: Shape };
  readonly preprocessing: Preprocessing;
  readonly batchSize: number;
  /** bake these weights in as constants; without them they are inputs, fed at each call */
  readonly weights?: ReadonlyMap<string, Tensor> | undefined;
}

/** Name of the one output of an inference graph. */
export const logitsOutput = "logits";

/** @returns samples → logits, in inference mode */
export function inferenceGraph(options: InferenceOptions): Graph {
  const { logits, ...graph } = inferencePass(options);
  return { ...graph, outputs: [{ name: logitsOutput, value: logits }] };
}

/**
 * @param layers paths of layers, all different
 * @returns samples → what these layers give, each under its path, in inference mode
 * @throws ConfigError "config/unknown-name"
 */
export function featureGraph(options: InferenceOptions, layers: readonly string[]): Graph {
  const all = new Map<string, Value>();
  const { logits: _, ...graph } = inferencePass(
    options,
    (path, value) => void all.set(path, value),
  );
  const outputs = layers.map((name) => {
    const value = all.get(name);
    if (value === undefined) throw unknownName(graph.name, "layer", name, [...all.keys()]);
    return { name, value };
  });
  return { ...graph, outputs };
}

/** @param tap is told what each layer gives */
function inferencePass(options: InferenceOptions, tap?: ForwardContext["tap"]) {
  const { network, sample, batchSize, weights } = options;
  const samples = input(samplesInput, sample.dtype, [batchSize, ...sample.shape]);
  const parameters = new Map(
    network.parameters.map(({ name, shape }) => {
      const fixed = weights?.get(name);
      return [name, fixed === undefined ? input(name, "float32", shape) : constant(fixed, name)];
    }),
  );
  const seen = networkInput(network, samples, options.preprocessing);
  const logits = inferredOutput(network, seen, parameters, { tap });
  const fed = [...parameters.values()].filter(({ op }) => op === "input");
  return { name: network.name, inputs: [samples, ...fed], logits };
}

/**
 * @param seen float32 [batch, ...], preprocessed; @param parameters every one of the network's, by
 *   name; @param how as ForwardContext has it
 * @returns what the network gives in inference mode
 */
export function inferredOutput(
  network: Network,
  seen: Value,
  parameters: ReadonlyMap<string, Value>,
  how: Pick<ForwardContext, "tap" | "recurrenceAtOnce"> = {},
): Value {
  return network.forward(seen, {
    training: false,
    parameter: (name) => parameters.get(name)!, // the network's own names
    seed: () => input(seedInput, "uint32", []), // never asked for outside training
    updateStatistic: () => undefined,
    ...how,
  });
}

/** Samples in a fixed order, of which any can be copied out; see data's Dataset. */
interface SampleRows {
  /** shown in messages */
  readonly name: string;
  readonly dtype: SampleDType;
  /** of one sample */
  readonly shape: Shape;
  readonly length: number;
  /** copies samples, one after another, into `into` from element 0 */
  readonly gather: (indices: Int32Array, into: DataOf[SampleDType]) => void | Promise<void>;
}

interface Predictor {
  /**
   * @param samples raw samples, any number
   * @param weights parameters by name, as tensors or residents; {} if they are baked in
   * @returns float32 [n, classes]
   */
  readonly logits: (samples: DataOf[SampleDType], weights: Feeds) => Promise<Float32Array>;
  /** the same over a whole data set, in its order */
  readonly datasetLogits: (samples: SampleRows, weights: Feeds) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/** The last batch is padded with zeros, and its padding's rows are dropped. */
export async function openPredictor(
  runtime: Runtime,
  options: InferenceOptions & Pick<SessionOptions, "threads" | "manyRuns">,
): Promise<Predictor> {
  const { network, sample, batchSize, threads = 1, manyRuns = false } = options;
  const session = await loadGraph(runtime, inferenceGraph(options), { threads, manyRuns });
  const needed = new Set(session.inputNames);
  const size = elementCount(sample.shape);
  const runBatch = async (data: DataOf[SampleDType], weights: Feeds): Promise<Float32Array> => {
    const own = Object.fromEntries(Object.entries(weights).filter(([name]) => needed.has(name)));
    const samples = { dtype: sample.dtype, shape: [batchSize, ...sample.shape], data } as Tensor; // dtype and array are the data set's
    const { outputs } = await session.run({ ...own, [samplesInput]: samples });
    return outputs[logitsOutput]!.data as Float32Array; // declared float32
  };
  const batched = async (
    count: number,
    fill: (from: number, to: number, into: DataOf[SampleDType]) => void | Promise<void>,
    weights: Feeds,
  ): Promise<Float32Array> => {
    const logits = new Float32Array(count * network.classCount);
    const data = allocate(sample.dtype, batchSize * size);
    for (let from = 0; from < count; from += batchSize) {
      const to = Math.min(count, from + batchSize);
      await fill(from, to, data);
      data.fill(0, (to - from) * size);
      const rows = (await runBatch(data, weights)).subarray(0, (to - from) * network.classCount);
      logits.set(rows, from * network.classCount);
    }
    return logits;
  };
  return {
    logits: (samples, weights) =>
      batched(
        samples.length / size,
        (from, to, into) => into.set(samples.subarray(from * size, to * size)),
        weights,
      ),
    datasetLogits: async (dataset, weights) => {
      assertSamples(dataset, sample);
      return batched(
        dataset.length,
        (from, to, into) =>
          dataset.gather(
            Int32Array.from({ length: to - from }, (_, i) => from + i),
            into,
          ),
        weights,
      );
    },
    close: () => session.dispose(),
  };
}

/** @throws DataError "data/shape" for samples of another kind than the network reads */
function assertSamples(
  { name, dtype, shape }: SampleRows,
  sample: InferenceOptions["sample"],
): void {
  const [wanted, got] = [sample, { dtype, shape }].map(
    (form) => `${form.dtype} ${showShape(form.shape)}`,
  );
  if (got === wanted) return;
  throw new DataError("data/shape", {
    where: name,
    rule: `the network reads samples of ${wanted}`,
    got: got!, // two forms
    fix: "Give data of the kind that it was trained on",
    details: { wanted, got },
  });
}
