/** @file Any ONNX file as teacher, run as it is. */

import {
  type Dataset,
  type Preprocessing,
  type SampleDType,
  spreadIndices,
} from "../../data/index.ts";
import {
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  readOnnx,
  withFront,
  withOutput,
  withWiderNormalization,
} from "../../engine/onnx/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import {
  allocate,
  type DataOf,
  elementCount,
  isFloat,
  type Tensor,
} from "../../engine/tensor/index.ts";
import { ConfigError, DataError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { assertTeacherSamples } from "./assert-teacher.ts";
import { foreignMacs } from "./foreign-macs.ts";
import { localWorkload, runsTogether, sessionOptions, type TeacherThreads } from "./local-work.ts";
import { onnxFeatures } from "./onnx-features.ts";
import { type InputLayout, type OnnxInput, onnxInput } from "./onnx-input.ts";
import { matchedClasses } from "./onnx-metadata.ts";
import { type NumberForm, type OnnxOutput, type OutputKind, onnxOutput } from "./onnx-output.ts";
import { onnxRunner } from "./onnx-runner.ts";
import { logitsOf, memberKind, settleForm } from "./onnx-values.ts";
import type { Teacher } from "./teacher.ts";
import { untilClosed } from "./until-closed.ts";

export interface OnnxTeacherOptions extends TeacherThreads {
  /** bytes of the .onnx file; do not change them afterwards */
  readonly model: Uint8Array;
  /** its name, for messages and reports */
  readonly file: string;
  /**
   * what the teacher will be asked about: gives form and classes, and a few samples to look at the
   * output
   */
  readonly dataset: Dataset;
  /** of the model's outputs, in their order; default: the data set's */
  readonly classNames?: readonly string[];
  /** needed if the model has several; may name an inner tensor (float32) */
  readonly output?: string;
  /**
   * what the output's numbers are; found out if a Softmax or Sigmoid makes them, or if they are
   * plainly logits
   */
  readonly kind?: OutputKind;
  readonly input?: string;
  /** of the teacher, if it is not the data set's own */
  readonly preprocessing?: Preprocessing;
  /** nhwc for models with channels last; default nchw */
  readonly layout?: InputLayout;
  /**
   * samples in one run; default what the model fixes; else 256 vectors of up to 4096 elements, or
   * 32 samples: the activations of more images leave the processor's cache
   */
  readonly batchSize?: number;
  /** shown in reports; default: `file` */
  readonly name?: string;
}

/**
 * Loads an ONNX file as teacher and looks at its output for up to `batchSize` samples, spread over
 * the data set.
 *
 * Numbers become logits: logits as they are; probabilities as log p, so that softmax(log p / T) is
 * what p softened by T is; independent (sigmoid) ones as log p − log(1 − p). Where a Softmax or
 * Sigmoid makes the output, the tensor before it is read instead. A single number for two classes,
 * z or its sigmoid, becomes the logits [0, z]. A probability of 0 is taken for 2^-149. Every run
 * has `batchSize` samples, short ones padded with the last sample, so that a sample's logits do not
 * depend on how many are asked.
 *
 *   member hash = SHA-256 of the file
 *   teacher hash = SHA-256( member hash, "\n", JSON of what is read and how it is fed )
 *
 * `parameters` counts the elements of float initialisers and constants; null where weights are
 * integers. A file that Potstill wrote names its classes, the tokens of its text, and how its
 * frames were made; they must be the data set's.
 *
 * @throws DataError "file/magic", "teacher/inputs", "teacher/input-dtype", "teacher/input-shape",
 *   "teacher/ambiguous-output", "teacher/no-output", "teacher/class-mismatch",
 *   "teacher/vocabulary", "teacher/frames", "teacher/undeclared-probabilities",
 *   "teacher/kind-contradicted", "teacher/training-mode", "teacher/batch-dependent",
 *   "teacher/unsupported-operator", "teacher/answer"; ConfigError "config/unknown-name",
 *   "config/conflict", "config/range"; BackendError "backend/load", "backend/run"
 * @example
 *   const teacher = await onnxTeacher(runtime, { model, file: "teacher.onnx", dataset });
 */
export async function onnxTeacher(runtime: Runtime, options: OnnxTeacherOptions): Promise<Teacher> {
  const { model, file, dataset, name = file } = options;
  const classCount = (options.classNames ?? dataset.classNames).length;
  const asked = askedBatch(options);
  const parsed = readOnnx(model, file);
  const classNames = matchedClasses(parsed.metadata, { name, file }, dataset, options.classNames);
  assertInference(parsed.graph, file);
  const input = onnxInput(parsed, options);
  const fed = fedModel(runtime, options, input);
  const output = onnxOutput(parsed, { ...options, classCount });
  const batchSize = input.fixedBatch ?? asked;
  const facts = { file, output: output.declared, kind: options.kind, classCount };
  const read = (): Uint8Array => withOutput(fed, file, output.tensor);
  const session = await runtime.load(read(), sessionOptions(options)).catch((error: unknown) => {
    throw withoutKernel(error, parsed.graph, file) ?? error;
  });
  try {
    const ask = onnxRunner(session, {
      ...{ input, tensor: output.tensor.name, facts, batchSize },
      sampleSize: elementCount(dataset.shape),
      together: runsTogether(batchSize, dataset, 0), // no more bytes; the time is not known yet
    });
    const probe = await ask(await seenSamples(dataset, batchSize));
    const form = settleForm(output.form, probe, facts);
    logitsOf(form, probe, facts);
    const fileHash = sha256Hex(model);
    const hash = (own: string): string => askHash(own, options, output, form);
    const macs = await macsOfModel(
      runtime,
      { ...options, model: fed },
      { parsed, input, batchSize },
    );
    return untilClosed({
      name,
      hash: hash(fileHash),
      members: [{ name, hash: fileHash, kind: memberKind(form, probe.classes) }],
      combine: "arithmetic",
      classCount,
      classNames,
      parameters: countParameters(parsed),
      macs,
      bytes: model.length,
      summary: null,
      workload: localWorkload(batchSize, options, runsTogether(batchSize, dataset, macs)),
      logits: async ({ samples }) => {
        assertTeacherSamples(file, dataset, samples);
        return logitsOf(form, await ask(samples.data), facts);
      },
      currentHash: () => hash(sha256Hex(model)),
      ...singleTime(runtime, read, { input, dataset }),
      features: (...of) =>
        onnxFeatures(runtime, { ...options, model: fed, parsed, input, batchSize }, of),
      close: () => session.dispose(),
    });
  } catch (error) {
    await session.dispose();
    throw error;
  }
}

/** @returns the file as this runtime is given it, with the nodes that its input needs before it */
function fedModel(
  { kernels }: Runtime,
  { model, file }: OnnxTeacherOptions,
  { front }: ReturnType<typeof onnxInput>,
): Uint8Array {
  const own = kernels === "webgpu" ? withWiderNormalization(model, file) : model;
  return front === null ? own : withFront(own, file, front);
}

/** Elements of a sample up to which a message to the runtime costs more than memory does. */
const smallSample = 4096;

/** @throws ConfigError "config/range", for threads too */
function askedBatch({ file, dataset, threads = 1, ...options }: OnnxTeacherOptions): number {
  const batchSize = options.batchSize ?? usualBatch(dataset);
  assertPositiveIntegers(file, { batchSize, threads });
  return batchSize;
}

function usualBatch({ shape }: Pick<Dataset, "shape">): number {
  return shape.length === 1 && elementCount(shape) <= smallSample ? 256 : 32;
}

/** A foreign model may be large: fewer runs than asked where they would take longer than this. */
const timingMs = 3000;

/** A model that only takes whole batches has no time of a single sample. */
function singleTime(
  runtime: Runtime,
  read: () => Uint8Array,
  { input, dataset }: { readonly input: OnnxInput; readonly dataset: Dataset },
): Pick<Teacher, "time"> {
  if ((input.fixedBatch ?? 1) !== 1) return {};
  const one = allocate(dataset.dtype, elementCount(dataset.shape));
  const feeds = { [input.name]: input.feed(one) };
  return { time: (runs) => timeSingle(runtime, read(), { feeds, runs }) };
}

/** @returns milliseconds of each run of one sample, on one thread */
async function timeSingle(
  runtime: Runtime,
  model: Uint8Array,
  { feeds, runs }: { readonly feeds: Readonly<Record<string, Tensor>>; readonly runs: number },
): Promise<readonly number[]> {
  const session = await runtime.load(model, { threads: 1 });
  try {
    const [first = 0] = (await session.time(feeds, 2)).slice(-1);
    return await session.time(feeds, Math.max(10, Math.min(runs, Math.floor(timingMs / first))));
  } finally {
    await session.dispose();
  }
}

/** @returns samples of all parts of the data set, so that sorted classes are all seen */
async function seenSamples(dataset: Dataset, batchSize: number): Promise<DataOf[SampleDType]> {
  const indices = spreadIndices(dataset.length, batchSize);
  const samples = allocate(dataset.dtype, indices.length * elementCount(dataset.shape));
  await dataset.gather(indices, samples);
  return samples;
}

/** @returns identity of the file and of how it is asked */
function askHash(
  fileHash: string,
  { dataset, preprocessing, layout = "nchw" }: OnnxTeacherOptions,
  { tensor }: OnnxOutput,
  form: NumberForm,
): string {
  const { scale, offset } = preprocessing ?? dataset.preprocessing;
  const asked = JSON.stringify({ tensor: tensor.name, form, scale, offset, layout });
  return sha256Hex(new TextEncoder().encode(`${fileHash}\n${asked}\n`));
}

function macsOfModel(
  runtime: Runtime,
  { model, file, dataset }: OnnxTeacherOptions,
  { parsed, input, batchSize }: ModelInput,
): Promise<number | null> {
  const batch = allocate(dataset.dtype, batchSize * elementCount(dataset.shape));
  const feeds = { [input.name]: input.feed(batch) };
  const { front } = input;
  const nodes = [...(front?.nodes ?? []), ...parsed.graph.nodes];
  const inputs = front === null ? parsed.graph.inputs : [front.input];
  const graph = { ...parsed.graph, nodes, inputs };
  return foreignMacs(runtime, { model, file, graph, feeds, batchSize });
}

/** A model, and how it is fed. */
interface ModelInput {
  /** as it was, without a front */
  readonly parsed: OnnxModel;
  readonly input: OnnxInput;
  readonly batchSize: number;
}

/** Operators whose weights are integers beside scales, ONNX Runtime's own among them. */
const quantized = /Quantize|QLinear|Integer|NBits|^Q(Gemm|Attention)$/;

function countParameters({ graph: { nodes, initializers } }: OnnxModel): number | null {
  if (nodes.some(({ type }) => quantized.test(type))) return null;
  const constants = nodes.flatMap(({ type, attrs: { value } }) =>
    type === "Constant" && isTensor(value) ? [value] : [],
  );
  return [...initializers.map(({ value }) => value), ...constants]
    .filter(({ dtype }) => isFloat(dtype))
    .reduce((total, { shape }) => total + elementCount(shape), 0);
}

function isTensor(attribute: OnnxAttribute | undefined): attribute is Tensor {
  return typeof attribute === "object" && "dtype" in attribute;
}

/** @returns the error for an operator that the runtime has not for such numbers, if it is that */
function withoutKernel(error: unknown, graph: OnnxGraph, file: string): DataError | undefined {
  const missing = /Could not find an implementation for (\w+)\(\d+\) node with name '(.*?)'/;
  const [, type, name] = missing.exec(error instanceof Error ? error.message : "") ?? [];
  if (type === undefined) return undefined;
  const nodes = graph.nodes.filter((node) => node.type === type);
  const node = nodes.find((own) => own.name === name) ?? nodes[0];
  const tensors = [...graph.inputs, ...graph.initializers.map(({ value }) => value)];
  const isDouble = tensors.some(({ dtype }) => dtype === "float64");
  return new DataError("teacher/unsupported-operator", {
    where: `${file}, node that makes "${node?.outputs[0] ?? name}"`,
    rule: "the runtime must have every operator for the type of its numbers",
    got: isDouble ? `${type} in a file with float64 numbers` : type,
    fix: isDouble
      ? "Export the model in float32 (in PyTorch: model.float() before the export)"
      : "Export the model for another operator set, or with other operators",
    details: { type, name },
    cause: error,
  });
}

/**
 * @throws DataError "teacher/training-mode" for batch statistics or dropout that are switched on in
 *   the file
 */
function assertInference({ nodes, initializers }: OnnxGraph, file: string): void {
  const isTrue = (name: string | undefined): boolean =>
    initializers.some((constant) => constant.name === name && Boolean(constant.value.data[0]));
  const training = nodes.find(
    ({ type, attrs, inputs }) =>
      (type === "BatchNormalization" && attrs.training_mode === 1n) ||
      (type === "Dropout" && isTrue(inputs[2])),
  );
  if (training === undefined) return;
  throw new DataError("teacher/training-mode", {
    where: `${file}, node that makes "${training.outputs[0]}"`,
    rule: "a teacher must be exported in inference mode",
    got: `${training.type} with training mode on`,
    fix: "Export the model for inference (in PyTorch: model.eval() before the export)",
    details: { type: training.type },
  });
}

/** @throws ConfigError "config/range" */
function assertPositiveIntegers(where: string, options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options))
    if (!Number.isInteger(value) || value < 1)
      throw new ConfigError("config/range", {
        where,
        rule: `${name} must be an integer ≥ 1`,
        got: String(value),
        fix: `Correct ${name}`,
        details: { name, value },
      });
}
