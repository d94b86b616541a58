/** @file How samples of a data set become the input of a foreign ONNX model. */

import {
  type Dataset,
  type Preprocessing,
  type SampleDType,
  sampleDType,
} from "../../data/index.ts";
import {
  type Front,
  type OnnxDim,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueInfo,
  onnxDType,
} from "../../engine/onnx/index.ts";
import {
  allocate,
  type DataOf,
  elementCount,
  float16FromFloat32,
  type Shape,
  scalar,
  showShape,
  type Tensor,
} from "../../engine/tensor/index.ts";
import { ConfigError, DataError, unknownName } from "../../errors/index.ts";
import { preprocessOnHost } from "./host-preprocessing.ts";

/** Order of the axes of an image in the model's input. */
export type InputLayout = "nchw" | "nhwc";

export interface OnnxInputOptions {
  /** file name, for messages */
  readonly file: string;
  readonly dataset: Pick<Dataset, "dtype" | "shape" | "preprocessing">;
  /** needed only if the model has several inputs */
  readonly input?: string;
  /** default: the data set's own */
  readonly preprocessing?: Preprocessing;
  /**
   * nhwc: samples [channels, height, width] are transposed; default nchw, where the model's sizes
   * or its first operator do not leave it open
   */
  readonly layout?: InputLayout;
}

export interface OnnxInput {
  /** of the model with its front, if it has one */
  readonly name: string;
  /** what makes the model's input of stored bytes, in the runtime; null: `feed` does it here */
  readonly front: Front | null;
  /** samples that the model takes in one run, or null if any number */
  readonly fixedBatch: number | null;
  /** @param samples as stored, whole samples one after another */
  readonly feed: (samples: DataOf[SampleDType]) => Tensor;
}

/** Inputs that take stored integers as they are. */
const integerInputs: Readonly<Record<SampleDType, string>> = {
  uint8: "uint8, ",
  int32: "int32, int64, ",
  float32: "",
};

/**
 * Float inputs (float32, float16, float64) get value · scale + offset; of uint8 samples float32 is
 * made in the runtime, so that a quarter of the bytes travels there. uint8 inputs get the stored
 * bytes, int32 and int64 inputs the stored token ids. The model's shape is [batch, ...sample], the
 * sizes of a sample perhaps flattened to one axis, or with other axes of size 1.
 *
 * @throws DataError "teacher/inputs" if the model needs other inputs than the samples,
 *   "teacher/input-dtype", "teacher/input-shape"; ConfigError "config/unknown-name",
 *   "config/conflict"
 */
export function onnxInput({ graph, opset }: OnnxModel, options: OnnxInputOptions): OnnxInput {
  const { file, dataset, layout = "nchw" } = options;
  const info = chooseInput(graph, options);
  const { dtype } = info;
  const where = `${file}, input "${info.name}"`;
  const isFloat = dtype === "float32" || dtype === "float16" || dtype === "float64";
  const isStored =
    dataset.dtype === "int32" ? dtype === "int32" || dtype === "int64" : dtype === dataset.dtype;
  if (!isFloat && !isStored)
    throw new DataError("teacher/input-dtype", {
      where,
      rule: `${dataset.dtype} samples can be fed to inputs of ${integerInputs[dataset.dtype]}float32, float16 or float64`,
      got: dtype,
      fix: "Export the model with such an input",
      details: { input: dtype, samples: dataset.dtype },
    });
  if (!isFloat && options.preprocessing !== undefined)
    throw new ConfigError("config/conflict", {
      where,
      rule: `a ${dtype} input gets the stored ${dtype === "uint8" ? "bytes" : "integers"}, so that preprocessing cannot apply`,
      got: `scale ${options.preprocessing.scale}, offset ${options.preprocessing.offset}`,
      fix: "Leave the teacher's preprocessing out",
    });
  assertSizes(where, info.shape);
  if (options.layout === undefined) assertOneLayout(where, graph, info, dataset.shape);
  const rest = inputShape(where, info.shape, dataset.shape, layout);
  const batch = info.shape?.[0];
  const preprocessing = options.preprocessing ?? dataset.preprocessing;
  const transpose = layout === "nhwc" ? nhwcOrder(where, dataset.shape) : null;
  const size = elementCount(dataset.shape);
  const canFront = dataset.dtype === "uint8" && dtype === "float32" && opset >= broadcastOpset;
  const front = canFront ? frontOf(info, graph, preprocessing) : null;
  return {
    name: front?.input.name ?? info.name,
    front,
    fixedBatch: typeof batch === "number" && batch > 0 ? batch : null,
    feed: (samples) => {
      const ordered = transpose === null ? samples : reorder(samples, transpose);
      const shape = [samples.length / size, ...rest];
      if (front !== null || dtype === "uint8" || dtype === "int32")
        return { dtype: dataset.dtype, shape, data: ordered } as Tensor; // of its dtype
      if (dtype === "int64") return { dtype, shape, data: wideIntegers(ordered) };
      const values = preprocessOnHost(ordered, preprocessing);
      if (dtype === "float64") return { dtype, shape, data: Float64Array.from(values) };
      if (dtype === "float16") return { dtype, shape, data: halves(values) };
      return { dtype: "float32", shape, data: values };
    },
  };
}

/** Operator sets before it multiply tensors of one shape alone. */
const broadcastOpset = 7;

/** The same numbers as preprocessOnHost gives: each operation rounds to float32. */
function frontOf(info: OnnxValueInfo, graph: OnnxGraph, { scale, offset }: Preprocessing): Front {
  const named = freeNames(graph);
  const [stored, cast, scaled] = [named("stored"), named("cast"), named("scaled")];
  const [factor, summand] = [named("scale"), named("offset")];
  const node = (type: string, inputs: readonly string[], output: string): OnnxNode => {
    const attrs = type === "Cast" ? { to: BigInt(onnxDType("float32")) } : {};
    return { type, domain: "", inputs, outputs: [output], attrs };
  };
  return {
    replaces: info.name,
    input: { ...info, name: stored, dtype: "uint8" },
    nodes: [
      node("Cast", [stored], cast),
      node("Mul", [cast, factor], scaled),
      node("Add", [scaled, summand], info.name),
    ],
    initializers: [
      { name: factor, value: scalar("float32", scale) },
      { name: summand, value: scalar("float32", offset) },
    ],
  };
}

/** @returns names that no value of a graph has */
function freeNames({ inputs, nodes, initializers }: OnnxGraph): (name: string) => string {
  const all = [...inputs, ...initializers].map(({ name }) => name);
  const taken = new Set([...all, ...nodes.flatMap(({ outputs }) => outputs)]);
  const free = (name: string): string => (taken.has(name) ? free(`${name}_`) : name);
  return (name) => free(`potstill/${name}`);
}

function wideIntegers(values: DataOf[SampleDType]): BigInt64Array {
  const wide = new BigInt64Array(values.length);
  for (let i = 0; i < wide.length; i++) wide[i] = BigInt(values[i]!);
  return wide;
}

function halves(values: Float32Array): Uint16Array {
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) bits[i] = float16FromFloat32(values[i]!);
  return bits;
}

function chooseInput(graph: OnnxGraph, { file, input }: OnnxInputOptions): OnnxValueInfo {
  const constants = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !constants.has(name)); // old files list weights as inputs
  const names = inputs.map(({ name }) => name);
  if (input !== undefined && !names.includes(input)) throw unknownName(file, "input", input, names);
  const chosen = inputs.find(({ name }) => name === input) ?? inputs[0];
  if (chosen !== undefined && inputs.length === 1) return chosen;
  throw new DataError("teacher/inputs", {
    where: file,
    rule: "a teacher model must have one input, the samples",
    got: inputs.length === 0 ? "none" : names.map((name) => `"${name}"`).join(", "),
    fix: "Export the model with its other inputs (states, masks) as constants",
    details: { inputs: names },
  });
}

/** @throws DataError "teacher/input-shape" for an axis of size 0, which no samples have */
function assertSizes(where: string, dims: readonly OnnxDim[] = []): void {
  const axis = dims.indexOf(0);
  if (axis === -1) return;
  throw new DataError("teacher/input-shape", {
    where,
    rule: "sizes of an input must be 1 or more, or free (a name in the place of a number)",
    got: `[${dims.join(", ")}], ${axis === 0 ? "a batch of 0 samples" : `axis ${axis} of size 0`}`,
    fix: "Export the model with a free batch axis (in PyTorch: dynamic_axes or dynamic_shapes)",
    details: { input: dims, axis },
  });
}

/** Operators that leave the order of axes open. */
const elementwise = /^(Identity|Cast|Add|Sub|Mul|Div|Neg|Clip|Relu)$/;

/** Operators whose axis 1 is that of the channels. */
const channelsFirst =
  /^(Conv|ConvInteger|MaxPool|AveragePool|Global(Max|Average)Pool|(Batch|Instance)Normalization)$/;

/**
 * @returns the layout of an image, as the first operator that tells channels apart has it; nchw
 *   where one channel is made flat, which is the same of both
 */
function layoutSaid(graph: OnnxGraph, name: string, channels: number): InputLayout | undefined {
  const user = graph.nodes.find(({ inputs }) => inputs.includes(name));
  if (user === undefined) return undefined;
  const { type, attrs, outputs } = user;
  const isFlat = channels === 1 && /^(Flatten|Reshape)$/.test(type);
  if (isFlat || channelsFirst.test(type)) return "nchw";
  if (type === "Transpose") return String(attrs.perm) === "0,3,1,2" ? "nhwc" : undefined;
  return elementwise.test(type) ? layoutSaid(graph, outputs[0]!, channels) : undefined; // one output
}

/** @throws DataError "teacher/input-shape" for free sizes that images of either layout fit */
function assertOneLayout(
  where: string,
  graph: OnnxGraph,
  { name, shape: dims }: OnnxValueInfo,
  sample: Shape,
): void {
  const rest = dims?.slice(1) ?? nhwcShape(sample).map(String); // an unstated shape is free
  const fitsBoth =
    !rest.every(isFixed) && matches(rest, sample) && matches(rest, nhwcShape(sample));
  if (sample.length !== 3 || !fitsBoth) return;
  const said = layoutSaid(graph, name, sample[0]!); // of three
  if (said === "nchw") return;
  throw new DataError("teacher/input-shape", {
    where,
    rule: `samples of shape ${showShape(sample)} need an input that says where its channels are`,
    got: dims === undefined ? "no shape" : `[${dims.join(", ")}]`,
    fix:
      said === "nhwc"
        ? "The model has channels last: add `layout: nhwc` to the teacher"
        : "Add `layout: nchw` (channels first) or `layout: nhwc` (channels last) to the teacher",
    details: { input: dims, sample, layout: said },
  });
}

/** @returns the concrete sizes after the batch axis */
function inputShape(
  where: string,
  dims: readonly OnnxDim[] | undefined,
  sample: Shape,
  layout: InputLayout,
): Shape {
  const wanted = layout === "nhwc" ? nhwcShape(sample) : sample;
  if (dims === undefined) return wanted;
  const rest = dims.slice(1);
  if (dims.length > 0) {
    if (matches(rest, wanted)) return wanted;
    if (rest.every(isFixed) && sameButOnes(rest, wanted)) return rest;
    if (rest.length === 1 && matches(rest, [elementCount(sample)])) return [elementCount(sample)];
  }
  const isNhwc = layout === "nchw" && sample.length === 3 && matches(rest, nhwcShape(sample));
  const forms = new Set(
    [wanted, [elementCount(sample)]].map((form) => `[batch, ${form.join(", ")}]`),
  );
  throw new DataError("teacher/input-shape", {
    where,
    rule: `samples of shape ${showShape(sample)} need an input ${[...forms].join(" or ")}`,
    got: `[${dims.join(", ")}]`,
    fix: isNhwc
      ? "The model has channels last: add `layout: nhwc` to the teacher"
      : "Use data of the teacher's input size, or another teacher",
    details: { input: dims, sample, layout },
  });
}

function isFixed(dim: OnnxDim): dim is number {
  return typeof dim === "number" && dim > 0;
}

function matches(dims: readonly OnnxDim[], sizes: Shape): boolean {
  return (
    dims.length === sizes.length && dims.every((dim, axis) => !isFixed(dim) || dim === sizes[axis])
  );
}

function sameButOnes(a: Shape, b: Shape): boolean {
  const long = (shape: Shape): string => shape.filter((size) => size !== 1).join();
  return long(a) === long(b);
}

function nhwcShape(sample: Shape): Shape {
  return [...sample.slice(1), ...sample.slice(0, 1)];
}

/**
 * @returns for each element of a sample [height, width, channels], where it stands in [channels,
 *   height, width]
 */
function nhwcOrder(where: string, sample: Shape): Int32Array {
  if (sample.length !== 3)
    throw new ConfigError("config/conflict", {
      where,
      rule: "layout nhwc is for images of shape [channels, height, width]",
      got: `samples of shape ${showShape(sample)}`,
      fix: "Leave layout out",
    });
  const [channels, height, width] = sample as readonly [number, number, number]; // just checked
  const plane = height * width;
  return Int32Array.from(
    { length: channels * plane },
    (_, to) => (to % channels) * plane + Math.floor(to / channels),
  );
}

function reorder(samples: DataOf[SampleDType], order: Int32Array): DataOf[SampleDType] {
  const dtype = sampleDType(samples);
  const ordered = allocate(dtype, samples.length);
  for (let start = 0; start < samples.length; start += order.length)
    for (let to = 0; to < order.length; to++) ordered[start + to] = samples[start + order[to]!]!;
  return ordered;
}
