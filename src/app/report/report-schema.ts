/**
 * @file The schema of report.json: checks a report before it is written and when it is read back,
 * and is published.
 */

import { z } from "zod";
import { studentSchema, teacherSchema } from "./model-schema.ts";
import { recognitionSchema } from "./recognition-report.ts";
import type { Report } from "./report.ts";
import {
  arm,
  count,
  difference,
  intervalFields,
  json,
  nats,
  seconds,
  share,
} from "./schema-parts.ts";
import { searchSchema } from "./search-report.ts";
import { ensembleSchema, specialistsSchema } from "./teacher-parts-report.ts";
import { transferSchema } from "./transfer-schema.ts";

const comparison = z
  .strictObject({
    diff: difference.describe("Mean test accuracy of the distilled arm minus the other's"),
    low: difference.nullable().describe("Lower end of the 95 % interval; null for too few groups"),
    high: difference.nullable().describe("Upper end of the 95 % interval"),
    perSeed: z.array(difference).describe("Difference of each seed, in their order"),
  })
  .meta({
    id: "comparison",
    description:
      "Paired difference of two arms' test accuracies, a share in -1 … 1 (0.01 is one percentage point); " +
      "interval by a percentile bootstrap over seeds and test samples, or their groups",
  });

const convergence = z.strictObject({
  outcome: z.enum(["quicker", "not quicker", "undecided"]),
  sentence: z.string(),
  perSeed: z.array(
    z.strictObject({
      seed: z.number(),
      target: share.describe("Best validation accuracy of scratch"),
      distilledEpoch: count
        .nullable()
        .describe("First epoch from which it stays at or above the target; null if it ends below"),
      scratchEpoch: count.describe("Epoch in which scratch first had its best"),
      distilledSeconds: seconds.nullable(),
      distilledSecondsWithLabelling: seconds.nullable(),
      scratchSeconds: seconds,
      distilledArea: share.describe("Mean validation accuracy over the epochs"),
      scratchArea: share,
    }),
  ),
  areaDifference: z.strictObject(intervalFields(difference)),
  labellingSeconds: seconds,
  runs: z.array(
    z.strictObject({
      arm,
      seed: z.number(),
      learningRate: z.number().positive(),
      validationAccuracy: z.array(share),
    }),
  ),
});

const explorerEntry = z.strictObject({
  image: z.string().nullable().describe("PNG as a data URI"),
  label: z.string().nullable().describe("Class name; null if unlabelled"),
  distributions: z.array(
    z.strictObject({ temperature: z.number().positive(), probabilities: z.array(share) }),
  ),
});

const data = z.strictObject({
  name: z.string(),
  hash: z.string().describe("Content hash of the data set"),
  sampleShape: z.array(count),
  classNames: z.array(z.string()),
  trainSize: count,
  validationSize: count,
  testSize: count,
  transferSize: count,
  unlabelledCount: count,
});

const createdBy = z.strictObject({
  version: z.string(),
  runtime: z.string(),
  runtimeVersion: z.string(),
  threads: count,
  node: z.string().exactOptional(),
  cpu: z.string().exactOptional(),
});

/** Refuses unknown keys and numbers that are not finite. */
export const reportSchema: z.ZodType<Report> = z
  .strictObject({
    formatVersion: z.literal(1),
    title: z.string(),
    verdict: z.strictObject({
      outcome: z.enum([
        "helped",
        "no-measurable-difference",
        "hurt",
        "single-seed",
        "too-few-groups",
        "not-compared",
      ]),
      sentence: z.string(),
    }),
    comparisons: z.strictObject({
      distilledVsScratch: comparison.nullable(),
      distilledVsScratchAugmented: comparison.nullable(),
      distilledVsScratchSmoothed: comparison.nullable(),
    }),
    models: z.strictObject({
      teacher: teacherSchema,
      distilled: studentSchema,
      scratch: studentSchema.nullable(),
      scratchAugmented: studentSchema.nullable(),
      scratchSmoothed: studentSchema.nullable(),
    }),
    convergence: convergence.nullable(),
    transfer: transferSchema.nullable().default(null),
    ensemble: ensembleSchema.nullable().default(null),
    specialists: specialistsSchema.nullable().default(null),
    recognition: recognitionSchema.nullable().default(null),
    search: searchSchema.nullable().default(null),
    softLabels: z
      .array(
        z.strictObject({
          precision: z.string(),
          bytes: count,
          studentAccuracy: share,
          studentKlNats: nats.describe("KL(teacher || student) at T = 1 on the test samples"),
          klNats: nats.describe("KL(teacher || stored soft labels) at T = 1"),
        }),
      )
      .nullable(),
    explorer: z.array(explorerEntry),
    selfChecks: z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        passed: z.boolean(),
        detail: z.string(),
      }),
    ),
    exports: z.array(
      z.strictObject({
        file: z.string(),
        format: z.string(),
        bytes: count,
        parity: z.string().nullable(),
      }),
    ),
    data,
    testGroups: count
      .nullable()
      .default(null)
      .describe(
        "Groups of test samples that intervals resample whole; null: each sample by itself",
      ),
    seeds: z.array(z.number()),
    seedVaries: z.string(),
    createdBy,
    commandLine: z.string(),
    startHash: z
      .string()
      .exactOptional()
      .describe("Of the model that was given for students to start from; absent for none"),
    recipe: json,
    notes: z.array(z.string()),
  })
  .meta({
    title: "Potstill report",
    description:
      "Result of one distillation run: five models, their comparison, and how to reproduce it",
  });

/**
 * The published JSON Schema of report.json (draft 2020-12), as `schemas/report.schema.json` holds
 * it.
 */
export function reportJsonSchema(): object {
  return z.toJSONSchema(reportSchema);
}
