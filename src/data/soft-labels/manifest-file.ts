/** @file manifest.json and progress.json as files: names, strict schemas, text. */

import { z } from "zod";
import { DataError } from "../../errors/index.ts";
import { framesSchema, textSchema } from "../sample-schema.ts";
import {
  type Json,
  type SoftLabelHeader,
  type SoftLabelManifest,
  type SoftLabelPlan,
  type SoftLabelProgress,
  type SoftLabelShard,
  softLabelPrecisions,
} from "./manifest.ts";
import { logitCount } from "./teacher-classes.ts";

export const manifestName = "manifest.json";
export const progressName = "progress.json";

const text = z.string().min(1);
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hex digits");
const count = z.int().min(1);

const memberSchema = z.strictObject({
  name: text,
  hash: text,
  kind: z.enum(["logits", "log-probabilities", "sigmoid"]),
});

const sampleSchema = z.strictObject({
  dtype: z.enum(["uint8", "float32", "int32"]),
  shape: z.array(count),
});
const distinctNames = z
  .array(z.string())
  .min(1)
  .refine((names) => new Set(names).size === names.length, "must all differ");

const planFields = {
  precision: z.enum(softLabelPrecisions),
  classNames: distinctNames,
  teacherClasses: distinctNames.exactOptional(),
  members: z
    .array(memberSchema)
    .min(1)
    .refine(
      (members) => new Set(members.map(({ kind }) => kind === "sigmoid")).size === 1,
      "must not mix sigmoid members with others",
    ),
  combine: z.enum(["arithmetic", "geometric", "logits"]),
  weights: z
    .array(z.number().min(0))
    .refine((weights) => weights.some((weight) => weight > 0), "must not all be 0")
    .exactOptional(),
  teacherHash: text,
  dataHash: sha256Hex,
  dataName: z.string(),
  sample: sampleSchema,
  preprocessing: z.strictObject({ scale: z.number(), offset: z.number() }),
  views: z.strictObject({ count, seed: z.int().min(0), augmentation: z.json() }),
  withInputs: z.boolean(),
  groups: z
    .strictObject({
      names: distinctNames,
      whole: z.boolean(),
      local: z.boolean(),
    })
    .exactOptional(),
  text: textSchema.exactOptional(),
  frames: framesSchema.exactOptional(),
  teacherInputs: z
    .strictObject({ name: z.string(), hash: sha256Hex, sample: sampleSchema })
    .exactOptional(),
  generated: z.json().exactOptional(),
  sampleCount: count,
  createdBy: text,
  samplesPerShard: count,
};

const shardSchema = z
  .strictObject({
    name: z.string().regex(/^shards\/\d{5,}\.safetensors$/, "must be shards/NNNNN.safetensors"),
    sha256: sha256Hex,
    bytes: count,
    samples: count,
    labelled: z.int().min(0),
    correct: z.int().min(0),
  })
  .refine(
    ({ samples, labelled, correct }) => correct <= labelled && labelled <= samples,
    "must have correct ≤ labelled ≤ samples",
  );

const oneEach = {
  path: ["weights"],
  message: "must be one for each member",
};
const hasOneEach = ({ weights, members }: Pick<SoftLabelPlan, "weights" | "members">): boolean =>
  weights === undefined || weights.length === members.length;

const ofInputs = {
  path: ["groups"],
  message: "groups stand only in packages with inputs",
};
const hasThemOfInputs = ({ withInputs, groups }: SoftLabelHeader): boolean =>
  withInputs || groups === undefined;

const ofTheData = {
  path: ["teacherClasses"],
  message: "must be among classNames",
};
const hasThemOfTheData = ({ teacherClasses = [], classNames }: SoftLabelHeader): boolean =>
  teacherClasses.every((name) => classNames.includes(name));

const planSchema: z.ZodType<SoftLabelPlan> = z
  .strictObject(planFields)
  .refine(hasThemOfTheData, ofTheData)
  .refine(hasOneEach, oneEach)
  .refine(hasThemOfInputs, ofInputs);

const progressSchema: z.ZodType<SoftLabelProgress> = z.strictObject({
  format: z.literal("potstill-soft-labels-progress"),
  version: z.literal(1),
  plan: planSchema,
  shards: z.array(shardSchema),
});

const manifestSchema: z.ZodType<SoftLabelManifest> = z
  .strictObject({
    format: z.literal("potstill-soft-labels"),
    version: z.literal(1),
    classCount: count,
    ...planFields,
    shards: z.array(shardSchema).min(1),
  })
  .refine(hasThemOfTheData, ofTheData)
  .refine(hasOneEach, oneEach)
  .refine(hasThemOfInputs, ofInputs)
  .refine((manifest) => manifest.classCount === logitCount(manifest), {
    path: ["classCount"],
    message: "must be the number of classNames, or of teacherClasses where they are there",
  })
  .refine(
    ({ shards, sampleCount }) =>
      shards.reduce((total, { samples }) => total + samples, 0) === sampleCount,
    { path: ["sampleCount"], message: "must be the sum of the shards' samples" },
  );

function check<T>(schema: z.ZodType<T>, value: unknown, where: string, fix: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!; // a failed parse has at least one
  const at = issue.path.length === 0 ? "the whole" : issue.path.join(".");
  throw new DataError("package/manifest", {
    where,
    rule: `${at}: ${issue.message}`,
    fix,
    details: { issues: result.error.issues },
  });
}

/**
 * Joins header and shard size, checked, with names inside `augmentation` sorted so that equal plans
 * have equal text.
 *
 * @throws DataError "package/manifest" naming the first wrong field
 */
export function makePlan(header: SoftLabelHeader, samplesPerShard: number): SoftLabelPlan {
  const { views } = header;
  const sorted = { ...views, augmentation: sortNames(views.augmentation) };
  const plan = { ...header, views: sorted, samplesPerShard };
  return check(planSchema, plan, "soft-label header", "Correct this field");
}

function sortNames(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sortNames);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sortNames(inner)]));
}

/** @throws DataError "package/version" or "package/manifest" */
export function parseManifest(bytes: Uint8Array, where: string): SoftLabelManifest {
  const fix = "Use the manifest as it was written, or label again";
  const value = parseJson(bytes, where, "potstill-soft-labels");
  return check(manifestSchema, value, where, fix);
}

/** @throws DataError "package/version" or "package/manifest" */
export function parseProgress(bytes: Uint8Array, where: string): SoftLabelProgress {
  const fix = "Delete the package's folder and label again";
  return check(
    progressSchema,
    parseJson(bytes, where, "potstill-soft-labels-progress"),
    where,
    fix,
  );
}

function parseJson(bytes: Uint8Array, where: string, format: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new DataError("package/manifest", {
      where,
      rule: "must be JSON text",
      got: String(cause),
      fix: "Copy the package again, or label again",
      cause,
    });
  }
  const { format: gotFormat, version } = Object(value) as { format?: unknown; version?: unknown }; // any JSON value has these, perhaps undefined
  if (gotFormat !== format || version !== 1)
    throw new DataError("package/version", {
      where,
      rule: `this program reads format "${format}", version 1`,
      got: `format ${JSON.stringify(gotFormat)}, version ${JSON.stringify(version)}`,
      fix: "Use the program version that wrote the package, or label again",
      details: { format: gotFormat, version },
    });
  return value;
}

/** @returns the manifest's parts in their order in the file */
export function makeManifest(
  plan: SoftLabelPlan,
  shards: readonly SoftLabelShard[],
): SoftLabelManifest {
  const classCount = logitCount(plan);
  return { format: "potstill-soft-labels", version: 1, classCount, ...plan, shards };
}

export function jsonBytes(value: SoftLabelManifest | SoftLabelProgress): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
