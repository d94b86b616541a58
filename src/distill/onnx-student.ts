/** @file A float ONNX model as a student that was trained elsewhere: ready to be quantised. */

import { type Dataset, subset } from "../data/index.ts";
import { compileGraph } from "../engine/compile/index.ts";
import { type Graph, input, type TensorType, type Value } from "../engine/graph/index.ts";
import { importOnnx } from "../engine/import/index.ts";
import { preprocess } from "../engine/nn/index.ts";
import { readOnnx } from "../engine/onnx/index.ts";
import { reshape, transpose } from "../engine/ops/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import {
  allocate,
  elementCount,
  type Shape,
  showShape,
  type Tensor,
} from "../engine/tensor/index.ts";
import { samplesInput } from "../engine/train/index.ts";
import { DataError, ExportError } from "../errors/index.ts";

/** What a student must know of its samples. */
export type SampleForm = Pick<Dataset, "dtype" | "shape" | "preprocessing">;

export interface OnnxStudent {
  /** stored samples → the model's output, batch 1: preprocessing is inside */
  readonly graph: Graph;
  /** stored samples → what the file's own input takes */
  readonly feeding: Graph;
  readonly bytes: Uint8Array;
  /** of the file's input */
  readonly inputName: string;
  readonly outputName: string;
  /** samples in a run that the file fixes, else 1 */
  readonly batchSize: number;
}

/**
 * Reads a float ONNX model and puts in front of it what brings stored samples to its input:
 * value · scale + offset for a float input, the bytes themselves for a uint8 one; images may lie
 * channels last in the model, and samples flat.
 *
 * @param where names the file in messages
 * @throws DataError "import/..." as importOnnx, "import/input" if samples do not fit, or the model
 *   has several inputs or outputs
 */
export function onnxStudent(bytes: Uint8Array, where: string, sample: SampleForm): OnnxStudent {
  const samples = input(samplesInput, sample.dtype, [1, ...sample.shape]);
  const fed: { readonly name: string; readonly value: Value }[] = [];
  const graph = importOnnx(bytes, where, {
    feed: (name, declared) => {
      const value = fedValue(`${where}, input "${name}"`, samples, sample, declared);
      fed.push({ name, value });
      return value;
    },
  });
  const [own] = fed;
  const [output] = graph.outputs;
  if (own === undefined || output === undefined || fed.length > 1 || graph.outputs.length > 1)
    throw new DataError("import/input", {
      where,
      rule: "the model must have one input, the samples, and one output",
      got: `inputs ${fed.map(({ name }) => name).join(", ") || "none"}; outputs ${graph.outputs.map(({ name }) => name).join(", ")}`,
      fix: "Export the model with its logits alone, other inputs as constants",
    });
  const feeding = {
    name: "samples",
    inputs: [samples],
    outputs: [{ name: "fed", value: own.value }],
  };
  const batch = readOnnx(bytes, where).graph.inputs.find(({ name }) => name === own.name)
    ?.shape?.[0];
  const batchSize = typeof batch === "number" && batch > 0 ? batch : 1;
  return { graph, feeding, bytes, inputName: own.name, outputName: output.name, batchSize };
}

/** @throws DataError "import/input" for samples that the input cannot take */
function fedValue(
  where: string,
  samples: Value,
  { dtype, shape, preprocessing }: SampleForm,
  declared: TensorType,
): Value {
  const refuse = (rule: string, got: string, fix: string): never => {
    throw new DataError("import/input", { where, rule, got, fix });
  };
  const isStored = declared.dtype === dtype && dtype !== "float32"; // bytes
  if (!isStored && declared.dtype !== "float32")
    return refuse(
      `${dtype} samples can be fed to inputs of ${dtype === "uint8" ? "uint8 or " : ""}float32`,
      declared.dtype,
      "Export the model with such an input",
    );
  const x = isStored ? samples : preprocess(samples, preprocessing);
  const wanted = declared.shape.slice(1);
  if (wanted.join() === shape.join()) return x;
  if (shape.length === 3 && wanted.join() === channelsLast(shape).join())
    return transpose(x, [0, 2, 3, 1]);
  const isFlat = wanted.join() === String(elementCount(shape));
  const long = (sizes: Shape): string => sizes.filter((size) => size !== 1).join();
  if (isFlat || long(wanted) === long(shape)) return reshape(x, declared.shape);
  return refuse(
    `samples of ${showShape(shape)} need an input of that shape, channels last, or flat`,
    showShape(wanted),
    "Calibrate with data of the model's input size",
  );
}

const channelsLast = ([channels, height, width]: Shape): Shape => [height!, width!, channels!];

/** @returns the first `count` samples of a data set, as stored */
async function firstSamples(dataset: Dataset, count: number): Promise<Tensor> {
  const data = allocate(dataset.dtype, count * elementCount(dataset.shape));
  await dataset.gather(
    Int32Array.from({ length: count }, (_, index) => index % dataset.length),
    data,
  );
  return { dtype: dataset.dtype, shape: [count, ...dataset.shape], data } as Tensor; // dtype and array go together
}

const logitsBatch = 64;

/** @returns the imported graph's outputs for all samples, float32 [samples, ...] */
export async function onnxStudentLogits(
  runtime: Runtime,
  { graph, outputName }: OnnxStudent,
  dataset: Dataset,
): Promise<Float32Array> {
  const session = await runtime.load(compileGraph(graph, { batchAxis: "batch" }));
  const size = elementCount(graph.outputs[0]!.value.shape); // onnxStudent has counted
  const logits = new Float32Array(dataset.length * size);
  try {
    for (let from = 0; from < dataset.length; from += logitsBatch) {
      const length = Math.min(logitsBatch, dataset.length - from);
      const data = allocate(dataset.dtype, length * elementCount(dataset.shape));
      await dataset.gather(
        Int32Array.from({ length }, (_, index) => from + index),
        data,
      );
      const samples = { dtype: dataset.dtype, shape: [length, ...dataset.shape], data } as Tensor; // as above
      const { outputs } = await session.run({ [samplesInput]: samples });
      logits.set(outputs[outputName]!.data as Float32Array, from * size); // float32, as planLayers wants
    }
    return logits;
  } finally {
    await session.dispose();
  }
}

const paritySamples = 64;
/** float32 sums in another order, relative to the largest output */
const parityTolerance = 1e-3;

/**
 * Runs the file itself and the graph that it became.
 *
 * @returns the largest difference of their outputs on the first 64 samples
 * @throws ExportError "export/parity" if they differ by more than a thousandth of the largest
 */
export async function assertOnnxParity(
  runtime: Runtime,
  student: OnnxStudent,
  dataset: Dataset,
): Promise<number> {
  const { bytes, feeding, inputName, outputName, batchSize } = student;
  const runs = Math.ceil(Math.min(paritySamples, dataset.length) / batchSize);
  const count = runs * batchSize;
  const samples = await firstSamples(dataset, count);
  const [file, feeder] = [
    await runtime.load(bytes),
    await runtime.load(compileGraph(feeding, { batchAxis: "batch" })),
  ];
  const expected: number[] = [];
  try {
    const size = samples.data.length / runs;
    for (let run = 0; run < runs; run++) {
      const data = samples.data.slice(run * size, (run + 1) * size);
      const part = { ...samples, shape: [batchSize, ...dataset.shape], data } as Tensor; // the same array type
      const fed = await feeder.run({ [samplesInput]: part });
      const { outputs } = await file.run({ [inputName]: fed.outputs.fed! });
      expected.push(...(outputs[outputName]!.data as Float32Array)); // likewise
    }
  } finally {
    await Promise.all([file.dispose(), feeder.dispose()]);
  }
  const first = subset(
    dataset,
    Int32Array.from({ length: count }, (_, index) => index % dataset.length),
    dataset.name,
  );
  return assertSame(expected, await onnxStudentLogits(runtime, student, first));
}

function assertSame(expected: readonly number[], got: Float32Array): number {
  const largest = expected.reduce((top, value) => Math.max(top, Math.abs(value)), 1);
  const difference = expected.reduce(
    (worst, value, at) => Math.max(worst, Math.abs(value - (got[at] ?? Number.NaN))),
    0,
  );
  if (difference <= parityTolerance * largest) return difference;
  throw new ExportError("export/parity", {
    where: "onnxStudent",
    rule: `the graph must give the file's own outputs within ${parityTolerance} of the largest`,
    got: `a difference of ${difference} with outputs up to ${largest}`,
    fix: "This is a fault in the import; please report it",
  });
}
