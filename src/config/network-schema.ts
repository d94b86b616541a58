/** @file Networks in recipes: the student, and a teacher that is trained first. */

import * as z from "zod";
import { activationNames, type NetworkSpec } from "../nn/index.ts";

const count = z.int().min(1);
const rate = z.number().min(0).lt(1);
const activation = z.enum(activationNames).exactOptional();

const mlp = z.strictObject({
  family: z.literal("mlp"),
  hidden: z.array(count).describe("units of each hidden layer; [] is a linear classifier"),
  activation,
  inputDropout: rate.exactOptional(),
  dropout: rate.exactOptional(),
});

const cnn = z.strictObject({
  family: z.literal("cnn"),
  channels: z.array(count).min(1).describe("output channels of each block"),
  kernel: count.exactOptional(),
  activation,
  batchNorm: z.boolean().exactOptional(),
  pooling: z.enum(["max", "average"]).exactOptional(),
  hidden: z.array(count).exactOptional(),
  globalPooling: z.boolean().exactOptional(),
  dropout: rate.exactOptional(),
});

/** A network of a known family. */
export const networkSchema: z.ZodType<NetworkSpec> = z.discriminatedUnion("family", [mlp, cnn]);
