/** @file The schema of one model in report.json. */

import { z } from "zod";
import type { StudentReport, TeacherReport } from "./report.ts";
import {
  count,
  intervalFields,
  json,
  nats,
  perSeedFields,
  seconds,
  share,
} from "./schema-parts.ts";

const test = z
  .strictObject({
    accuracy: z
      .strictObject({ ...intervalFields(share), perSeed: z.array(share) })
      .describe(
        "Shares; 95 % interval by a percentile bootstrap over seeds and test samples, or their groups",
      ),
    errors: z.strictObject(perSeedFields(count)).describe("Wrongly classified test samples"),
    topK: z.strictObject({ k: count, ...perSeedFields(share) }),
    negativeLogLikelihood: z.strictObject(perSeedFields(nats)),
    calibration: z.strictObject({
      error: z
        .strictObject(perSeedFields(share))
        .describe("Expected calibration error, 15 bins, T = 1"),
      bins: z.array(
        z.strictObject({
          low: share,
          high: share,
          count,
          confidence: share.nullable(),
          accuracy: share.nullable(),
        }),
      ),
    }),
    confusion: z
      .array(z.array(count))
      .describe("[label][predicted] counts over all seeds; they add up to samples times seeds"),
    perClass: z.array(
      z.strictObject({
        name: z.string(),
        support: count,
        precision: share.nullable(),
        recall: share.nullable(),
        f1: share.nullable(),
      }),
    ),
  })
  .meta({ id: "testResults" });

const model = {
  name: z.string(),
  description: z.string(),
  parameters: count.nullable(),
  macs: count.nullable().describe("Multiply-accumulates for one sample"),
  bytes: count.nullable().describe("Size of the ONNX file"),
  compressionRatio: z.number().positive().nullable().describe("Teacher's bytes / these bytes"),
  layers: z
    .array(
      z.strictObject({
        name: z.string(),
        kind: z.string(),
        outputShape: z.string(),
        parameters: count,
        macs: count,
      }),
    )
    .nullable(),
  latencyMs: z
    .strictObject({ p50: seconds, p95: seconds })
    .nullable()
    .describe("One sample in the runtime, milliseconds"),
  test,
};

const epoch = z.strictObject({
  epoch: count,
  validationAccuracy: share,
  validationLoss: nats,
  train: z.record(z.string(), z.number()).describe("Mean of each loss term, before its weight"),
  seconds,
});

export const teacherSchema: z.ZodType<TeacherReport> = z
  .strictObject({
    ...model,
    classes: z
      .strictObject({ names: z.array(z.string()), testSize: count })
      .nullable()
      .default(null)
      .describe("Those that it knows, where not all: its numbers are of their test samples"),
    isSigmoid: z.boolean().default(false).describe("Its classes are independent of each other"),
  })
  .meta({ id: "teacher" });

export const studentSchema: z.ZodType<StudentReport> = z
  .strictObject({
    ...model,
    toTeacher: z.strictObject({
      agreement: z.strictObject(perSeedFields(share)),
      klNats: z
        .strictObject(perSeedFields(nats))
        .describe(
          "KL(teacher || student) at T = 1; of independent classes summed over the classes",
        ),
    }),
    tuning: z.strictObject({
      trials: z.array(
        z.strictObject({ settings: z.record(z.string(), json), validationAccuracy: share }),
      ),
      chosen: count,
    }),
    curves: z.array(z.strictObject({ seed: z.number(), epochs: z.array(epoch) })),
  })
  .meta({ id: "student" });
