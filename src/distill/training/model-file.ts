/** @file A trained network as one file: safetensors with the architecture in its metadata. */

import * as z from "zod";
import {
  type FrameEncoding,
  orderedFrames,
  type Preprocessing,
  readSafetensors,
  type SampleDType,
  type TextEncoding,
  writeSafetensors,
} from "../../data/index.ts";
import { framesSchema, textSchema } from "../../data/sample-schema.ts";
import { buildNetwork, type Network, type NetworkSpec } from "../../engine/nn/index.ts";
import { type Shape, sameShape, showShape, type Tensor } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";

const modelFormat = "potstill-model-1";

/** What is needed to run a network anywhere. */
export interface Model {
  readonly spec: NetworkSpec;
  readonly sample: { readonly dtype: SampleDType; readonly shape: Shape };
  readonly preprocessing: Preprocessing;
  readonly classNames: readonly string[];
  /** of a network that reads text: how it becomes token ids */
  readonly text?: TextEncoding | undefined;
  /** of a network that reads frames of recordings: how they become samples */
  readonly frames?: FrameEncoding | undefined;
  /** parameters and statistics by name, float32 */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** of a network that was trained on its int8 grid */
  readonly quantization?: ModelQuantization | undefined;
}

/** The grid of quantisation-aware training; see quantize's TrainedQuantization. */
export interface ModelQuantization {
  /** of weights */
  readonly bits: number;
  readonly perChannelDense: boolean;
  /** of activations, by path and operator: "activation1/relu" */
  readonly ranges: Readonly<Record<string, { readonly min: number; readonly max: number }>>;
}

/** @returns the model's network */
export function networkOf({
  spec,
  sample,
  classNames,
}: Omit<Model, "weights" | "preprocessing">): Network {
  return buildNetwork(spec, sample.shape, classNames.length);
}

/** @returns SHA-256 of the model's file, 64 hex digits: the model's identity */
export function modelHash(model: Model): string {
  return sha256Hex(writeModel(model));
}

/**
 * The same model gives the same bytes, in whatever order its fields were written down (those of a
 * spec aside, whose order is kept in the file).
 */
export function writeModel({ weights, ...model }: Model): Uint8Array {
  const { spec, sample, preprocessing, classNames, text, frames, quantization } = model;
  const about = {
    spec,
    sample: { dtype: sample.dtype, shape: sample.shape },
    preprocessing: { scale: preprocessing.scale, offset: preprocessing.offset },
    classNames,
    text: text && { vocabulary: text.vocabulary, length: text.length },
    frames: frames && orderedFrames(frames),
    quantization: quantization && {
      bits: quantization.bits,
      perChannelDense: quantization.perChannelDense,
      ranges: quantization.ranges,
    },
  } satisfies Omit<Model, "weights">;
  return writeSafetensors(weights, { format: modelFormat, model: JSON.stringify(about) });
}

const aboutSchema = z.object({
  // The spec's own fields are checked by building the network from it, below.
  spec: z.custom<NetworkSpec>(
    (value) => typeof value === "object" && value !== null && "family" in value,
  ),
  sample: z.object({
    dtype: z.enum(["uint8", "float32", "int32"]),
    shape: z.array(z.number().int().positive()),
  }),
  preprocessing: z.object({ scale: z.number(), offset: z.number() }),
  classNames: z.array(z.string()).min(1),
  text: textSchema.exactOptional(),
  frames: framesSchema.exactOptional(),
  quantization: z
    .object({
      bits: z.int().min(2).max(8),
      perChannelDense: z.boolean(),
      ranges: z.record(z.string(), z.object({ min: z.number(), max: z.number() })),
    })
    .exactOptional(),
});

/**
 * @param where names the file in messages
 * @throws DataError "file/..." if it is no safetensors file; "model/format" if it is another kind
 *   of file; "model/weights" if a weight is missing, too many, or of the wrong shape
 */
export function readModel(bytes: Uint8Array, where: string): Model {
  const { tensors, metadata } = readSafetensors(bytes, where);
  const parsed = metadata.format === modelFormat ? parseAbout(metadata.model) : undefined;
  if (parsed === undefined)
    throw new DataError("model/format", {
      where,
      rule: "the file must be a model that Potstill wrote",
      got:
        metadata.format === undefined
          ? "safetensors of another kind"
          : `format "${metadata.format}"`,
      fix: "Give teacher.safetensors or student.safetensors from a run folder, or an .onnx file",
    });
  const model = { ...parsed, weights: tensors };
  assertWeights(model, where);
  const { parameters } = networkOf(model);
  return { ...model, weights: new Map(parameters.map(({ name }) => [name, tensors.get(name)!])) }; // each is there
}

/**
 * @param where names the model in messages
 * @throws DataError "model/weights" as readModel
 */
export function assertWeights(model: Model, where: string): void {
  const refuse = (rule: string, got: string): never => {
    throw new DataError("model/weights", {
      where,
      rule,
      got,
      fix: "Save the model again: weights and architecture do not belong together",
    });
  };
  const shapes = new Map(networkOf(model).parameters.map(({ name, shape }) => [name, shape]));
  for (const [name, shape] of shapes) {
    const weight = model.weights.get(name);
    if (weight?.dtype !== "float32" || !sameShape(weight.shape, shape))
      refuse(
        `weight "${name}" must be float32 ${showShape(shape)}`,
        weight === undefined ? "no such tensor" : `${weight.dtype} ${showShape(weight.shape)}`,
      );
  }
  for (const name of model.weights.keys())
    if (!shapes.has(name)) refuse("the file may hold the network's own weights only", `"${name}"`);
}

function parseAbout(text: string | undefined): z.infer<typeof aboutSchema> | undefined {
  try {
    return aboutSchema.parse(JSON.parse(text ?? ""));
  } catch {
    return undefined; // said by the caller, in the file's own terms
  }
}
