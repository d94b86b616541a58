/** @file Networks in recipes: the student, and a teacher that is trained first. */

import * as z from "zod";
import { activationNames, type NetworkSpec } from "../../engine/nn/index.ts";

const count = z.int().min(1);
const rate = z.number().min(0).lt(1);
const activation = z.enum(activationNames).exactOptional();

const hertz = z.number().min(0);

/** The first layer of a network of sound. */
const logMel = z
  .strictObject({
    sampleRate: z.number().positive().describe("Hz"),
    frameLength: count.describe("samples in a frame, at most fftSize"),
    hop: count.describe("samples from the start of a frame to the next"),
    fftSize: count.describe("points of the Fourier transform; for exported C a power of 2"),
    mels: count.describe("number of filters"),
    lowFrequency: hertz.exactOptional().describe("Hz; default 0"),
    highFrequency: hertz.exactOptional().describe("Hz; default sampleRate / 2"),
    melScale: z.enum(["htk", "slaney"]).exactOptional(),
    normalization: z.enum(["none", "slaney"]).exactOptional(),
    window: z.enum(["hann", "none"]).exactOptional(),
    floor: z.number().positive().exactOptional().describe("below the logarithm; default 1e-6"),
  })
  .exactOptional()
  .describe("samples are sound [samples]: the network sees its log-mel features");

const mlp = z.strictObject({
  family: z.literal("mlp"),
  logMel,
  hidden: z.array(count).describe("units of each hidden layer; [] is a linear classifier"),
  activation,
  inputDropout: rate.exactOptional(),
  dropout: rate.exactOptional(),
});

const cnn = z.strictObject({
  family: z.literal("cnn"),
  logMel,
  channels: z.array(count).min(1).describe("output channels of each block"),
  kernel: count.exactOptional(),
  activation,
  batchNorm: z.boolean().exactOptional(),
  pooling: z.enum(["max", "average"]).exactOptional(),
  hidden: z.array(count).exactOptional(),
  globalPooling: z.boolean().exactOptional(),
  dropout: rate.exactOptional(),
});

const resnet8 = z.strictObject({
  family: z.literal("resnet8"),
  logMel,
  width: count.exactOptional().describe("channels of the first block; default 16"),
  channels: z
    .array(count)
    .length(6)
    .exactOptional()
    .describe("in place of width: of each block, and inside it"),
});

const size2d = z.tuple([count, count]);

const dsCnn = z.strictObject({
  family: z.literal("dsCnn"),
  logMel,
  channels: z
    .union([count, z.array(count).min(2)])
    .exactOptional()
    .describe("channels of every layer, default 64; or of the first convolution and each block"),
  blocks: count.exactOptional().describe("depthwise separable blocks; default 4"),
  kernel: size2d.exactOptional().describe("of the first convolution; default [10, 4]"),
  strides: size2d.exactOptional().describe("of the first convolution; default [2, 2]"),
  dropout: rate.exactOptional(),
});

const mobileNetV1 = z.strictObject({
  family: z.literal("mobileNetV1"),
  logMel,
  width: z.number().positive().exactOptional().describe("multiplies all channels; default 0.25"),
  channels: z
    .array(count)
    .length(14)
    .exactOptional()
    .describe("in place of width: of the first convolution and each block"),
  dropout: rate.exactOptional(),
});

const pooling = z.enum(["mean", "last"]).exactOptional();

const gru = z.strictObject({
  family: z.literal("gru"),
  logMel,
  units: z.array(count).min(1).describe("units of each level"),
  pooling,
  dropout: rate.exactOptional(),
});

const tcn = z.strictObject({
  family: z.literal("tcn"),
  logMel,
  channels: z.array(count).min(1).describe("channels of each block; dilations 1, 2, 4, …"),
  inner: z.array(count).exactOptional().describe("between a block's two convolutions"),
  kernel: count.exactOptional(),
  causal: z.boolean().exactOptional(),
  pooling,
  dropout: rate.exactOptional(),
});

const tinyTransformer = z.strictObject({
  family: z.literal("tinyTransformer"),
  vocabulary: count.describe("number of different tokens"),
  width: count.exactOptional(),
  heads: count.exactOptional().describe("divides the width"),
  layers: count.exactOptional(),
  feedForward: count.exactOptional().describe("default 4 · width"),
  padding: z.int().min(0).exactOptional().describe("id of the token that fills up short samples"),
  dropout: rate.exactOptional(),
});

const forms = [mlp, cnn, resnet8, dsCnn, mobileNetV1, gru, tcn, tinyTransformer] as const;

/** A classifier of a known family. */
export const networkSchema: z.ZodType<NetworkSpec> = z.discriminatedUnion("family", forms);

/** How the student is found: the best under a board's budget. */
export interface SearchRecipe {
  /** of boards/: potstill export --board list */
  readonly board: string;
  /** bytes, or text like 64K, for the user's own firmware */
  readonly reserveFlash?: number | string;
  readonly reserveRam?: number | string;
  /** as StudentSearch has them */
  readonly minAccuracy?: number;
  readonly maxMilliseconds?: number;
  readonly prefer?: "accuracy" | "size";
  readonly candidates?: number;
  readonly epochs?: number;
  readonly keep?: number;
}

/** A network, a network to search around, or a search that starts from what the samples suggest. */
export type StudentRecipe =
  | (NetworkSpec & {
      readonly search?: SearchRecipe;
      /** a .safetensors model of this network to start from, or "teacher" */
      readonly start?: string;
    })
  | { readonly search: SearchRecipe };

const share = z.number().gt(0);
const size = z.union([z.int().min(0), z.string().min(1)]);

const searchSchema: z.ZodType<SearchRecipe> = z.strictObject({
  board: z.string().min(1).describe("of potstill export --board list"),
  reserveFlash: size.exactOptional().describe("for your own firmware: bytes, or text like 64K"),
  reserveRam: size.exactOptional().describe("for your own firmware: bytes, or text like 8K"),
  minAccuracy: share
    .max(1)
    .exactOptional()
    .describe("on the validation split; a run without such a student fails"),
  maxMilliseconds: share.exactOptional().describe("limit of the estimated latency"),
  prefer: z
    .enum(["accuracy", "size"])
    .exactOptional()
    .describe("the most accurate (default), or the smallest that has minAccuracy"),
  candidates: count.exactOptional().describe("how many start at most; default 18"),
  epochs: count.exactOptional().describe("of the last rung; default training.epochs"),
  keep: share.lt(1).exactOptional().describe("share that goes on to the next rung; default 1/3"),
});

const further = {
  search: searchSchema.exactOptional().describe("vary this network"),
  start: z
    .string()
    .min(1)
    .exactOptional()
    .describe(
      "weights to start from, in all arms: a .safetensors model of this network and of some or all classes; or teacher",
    ),
};

/** The student. */
export const studentSchema: z.ZodType<StudentRecipe> = z.union([
  z.discriminatedUnion("family", [
    mlp.extend(further),
    cnn.extend(further),
    resnet8.extend(further),
    dsCnn.extend(further),
    mobileNetV1.extend(further),
    gru.extend(further),
    tcn.extend(further),
    tinyTransformer.extend(further),
  ]),
  z.strictObject({ search: searchSchema.describe("find the student") }),
]);

/** @returns the network that a recipe names, and no more; null where it names none */
export function namedNetwork(student: StudentRecipe): NetworkSpec | null {
  if (!("family" in student)) return null;
  const { search: _, start: __, ...network } = student;
  return network;
}
