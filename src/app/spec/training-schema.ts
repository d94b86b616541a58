/** @file The recipe's sections `training` and `distillation`. */

import * as z from "zod";
import type { Augmentation } from "../../data/index.ts";
import type { QuantizationAwareSpec } from "../../device/quantize/index.ts";
import type {
  AdversarialSpec,
  DistillationSpec,
  FeatureSpec,
  NamedLossSpec,
  PruningSpec,
  RegularizationSpec,
  TrainingSpec,
} from "../../distill/index.ts";
import type {
  DistillationLossName,
  FeatureLossName,
  FeatureLossSpec,
} from "../../distill/losses/index.ts";
import type { OptimizerSpec } from "../../engine/optim/index.ts";
import type { ParameterGroup } from "../../engine/train/index.ts";
import { scheduleSchema, weightSchema } from "./schedule-schema.ts";

const count = z.int().min(1);
const beta = z.number().min(0).lt(1);
const notNegative = z.number().min(0);
const positive = z.number().gt(0);

const adamOptions = {
  beta1: beta.exactOptional(),
  beta2: beta.exactOptional(),
  epsilon: positive.exactOptional(),
  weightDecay: notNegative.exactOptional(),
};

const optimizerSchema: z.ZodType<OptimizerSpec> = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("sgd"),
    momentum: beta.exactOptional(),
    nesterov: z.boolean().exactOptional(),
    weightDecay: notNegative.exactOptional(),
  }),
  z.strictObject({ name: z.literal("adam"), ...adamOptions }),
  z.strictObject({ name: z.literal("adamW"), ...adamOptions }),
]);

/** Changes of images; see the library's Augmentation. */
export const augmentationSchema: z.ZodType<Augmentation> = z.strictObject({
  shift: z.int().min(0).exactOptional().describe("pixels, each axis uniform in -shift to shift"),
  flip: z.boolean().exactOptional().describe("mirror left and right in half of the views"),
  crop: z.strictObject({ padding: z.int().min(0) }).exactOptional(),
  fill: z.number().exactOptional().describe("value of pixels that move in; default 0"),
  mixup: z
    .strictObject({ alpha: positive })
    .exactOptional()
    .describe("mix each sample with another; shares from Beta(alpha, alpha)"),
});

const quantizationAwareSchema: z.ZodType<QuantizationAwareSpec> = z.strictObject({
  startEpoch: z.int().min(0).exactOptional().describe("epochs in float before; default 0"),
  ranges: z
    .enum(["moving", "learned"])
    .exactOptional()
    .describe("of activations: moving average (default), or a learned factor on it"),
  bits: z.int().min(2).max(8).exactOptional().describe("of weights; default 8, fewer for study"),
  perChannelDense: z
    .boolean()
    .exactOptional()
    .describe("a weight scale per output of dense layers"),
});

const pruningSchema: z.ZodType<PruningSpec> = z.strictObject({
  sparsity: positive.lt(1).describe("share of weights, units or channels that goes"),
  startEpoch: z.int().min(0).exactOptional().describe("default 0"),
  endEpoch: count.exactOptional().describe("when it is reached; default three quarters of all"),
  structure: z
    .enum(["weights", "units", "channels"])
    .exactOptional()
    .describe("default weights; units of an mlp, channels of convolutional families"),
});

const regularizationSchema: z.ZodType<RegularizationSpec> = z.strictObject({
  l1: notNegative.exactOptional().describe("factor of the kernels' absolute values; default 0"),
  groupLasso: notNegative
    .exactOptional()
    .describe(
      "factor of the norms of units or channels, each times the root of its size; default 0",
    ),
});

const parameterGroupSchema: z.ZodType<ParameterGroup> = z.strictObject({
  parameters: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('names of parameters; a star stands for any characters: "hidden1/*", "*/bias"'),
  learningRateScale: notNegative
    .exactOptional()
    .describe("multiplies the learning rate; 0 freezes; default 1"),
  weightDecay: notNegative.exactOptional().describe("in place of the optimiser's"),
});

/** How a network is trained. */
export const trainingSchema: z.ZodType<TrainingSpec> = z.strictObject({
  epochs: count,
  batchSize: count.exactOptional().describe("default 128"),
  accumulate: count
    .exactOptional()
    .describe("compute each batch in so many parts, to need less memory; default 1"),
  optimizer: optimizerSchema.exactOptional().describe("default adam"),
  learningRate: scheduleSchema().exactOptional().describe("default cosine from 0.001"),
  clipNorm: positive.exactOptional().describe("limit of the gradients' global norm"),
  maxNorm: positive.exactOptional().describe("limit of each unit's incoming weight norm"),
  regularization: regularizationSchema
    .exactOptional()
    .describe("penalties on kernels beside the optimiser's weight decay"),
  decay: z.enum(["kernels", "all"]).exactOptional().describe("default kernels"),
  parameterGroups: z
    .array(parameterGroupSchema)
    .min(1)
    .exactOptional()
    .describe("parts of the network that learn in a way of their own; the first that names wins"),
  patience: count.exactOptional().describe("epochs without improvement before training stops"),
  keep: z
    .enum(["best", "last"])
    .exactOptional()
    .describe("the epoch whose weights are kept: best on validation (default), or the last"),
  augmentation: augmentationSchema.exactOptional(),
  labelSmoothing: z.number().min(0).lt(1).exactOptional(),
  hardClasses: z
    .enum(["all", "seen"])
    .exactOptional()
    .describe("of the hard labels' softmax; seen: those of which there are labels; default all"),
  quantizationAware: quantizationAwareSchema
    .exactOptional()
    .describe("train on the int8 network's grid; exports take the trained ranges"),
  pruning: pruningSchema
    .exactOptional()
    .describe("weights, units or channels taken out in training"),
  threads: count.exactOptional().describe("default: the recipe's threads"),
});

const share = z.number().min(0).max(1);
const lossNames = [
  "softTargets",
  "logits",
  "dkd",
  "nkd",
  "wsld",
  "dist",
  "jensenShannon",
  "reverseKl",
  "skewKl",
  "totalVariation",
  "sigmoidTargets",
] as const satisfies readonly DistillationLossName[];

const lossForm = <N extends DistillationLossName, O extends z.core.$ZodShape>(
  name: N,
  options: O,
) =>
  z.strictObject({
    name: z.literal(name),
    standardize: z.boolean().exactOptional().describe("logit standardisation (LSKD) in front"),
    ...options,
  });

/** A loss by its name, or its name with its options. */
const lossSchema: z.ZodType<DistillationLossName | NamedLossSpec> = z.union([
  z.enum(lossNames),
  z.discriminatedUnion("name", [
    lossForm("softTargets", {}),
    lossForm("logits", {}),
    lossForm("dkd", { alpha: notNegative.exactOptional(), beta: notNegative.exactOptional() }),
    lossForm("nkd", { gamma: notNegative.exactOptional() }),
    lossForm("wsld", {}),
    lossForm("dist", {
      interClassWeight: notNegative.exactOptional(),
      intraClassWeight: notNegative.exactOptional(),
    }),
    lossForm("jensenShannon", { beta: share.exactOptional() }),
    lossForm("reverseKl", {}),
    lossForm("skewKl", {
      skew: share.lt(1).exactOptional(),
      direction: z.enum(["forward", "reverse"]).exactOptional(),
    }),
    lossForm("totalVariation", {}),
    lossForm("sigmoidTargets", {}),
  ]),
]);

const featureLossNames = [
  "hint",
  "attention",
  "similarity",
  "relation",
  "graph",
  "gram",
] as const satisfies readonly FeatureLossName[];

const featureLossSchema: z.ZodType<FeatureLossName | FeatureLossSpec> = z.union([
  z.enum(featureLossNames),
  z.discriminatedUnion("name", [
    z.strictObject({ name: z.literal("hint") }),
    z.strictObject({ name: z.literal("attention") }),
    z.strictObject({ name: z.literal("similarity") }),
    z.strictObject({
      name: z.literal("relation"),
      distanceWeight: notNegative.exactOptional().describe("default 25"),
      angleWeight: notNegative.exactOptional().describe("default 50"),
    }),
    z.strictObject({
      name: z.literal("graph"),
      neighbours: count.exactOptional().describe("of each sample; default all others"),
    }),
    z.strictObject({ name: z.literal("gram") }),
  ]),
]);

const layer = z.string().min(1);
const layersSchema = z.union([layer, z.tuple([layer, layer])]);

const featureSchema: z.ZodType<FeatureSpec> = z.strictObject({
  student: layersSchema.describe("path of a layer: hidden1, block1/conv1; two for gram"),
  teacher: layersSchema.describe("the same of the teacher; of an .onnx file the tensor's name"),
  loss: featureLossSchema.exactOptional().describe("default hint"),
  weight: weightSchema()
    .exactOptional()
    .describe("default hint 0.1, attention 1, similarity 3, relation 1, graph 0.025, gram 0.05"),
});

const adversarialSchema: z.ZodType<AdversarialSpec> = z.strictObject({
  weight: weightSchema().exactOptional().describe("of the student's term; default 0.1"),
  hidden: z.array(count).exactOptional().describe("units of the discriminator; default [64]"),
});

/** What the distillation term is. */
export const distillationSchema: z.ZodType<DistillationSpec> = z.strictObject({
  loss: lossSchema.exactOptional().describe("default softTargets"),
  temperature: scheduleSchema().exactOptional().describe("default 4"),
  softWeight: weightSchema().exactOptional().describe("default 0.9"),
  hardWeight: weightSchema().exactOptional().describe("default 0.1"),
  scaleByTemperatureSquared: z.boolean().exactOptional().describe("default true"),
  features: z
    .array(featureSchema)
    .min(1)
    .exactOptional()
    .describe("inner layers that the student learns from as well; the teacher must be one network"),
  adversarial: adversarialSchema
    .exactOptional()
    .describe("a discriminator of logits that the student learns to fool as well"),
});
