/** @file manifest.json of a soft-label package: its types, its strict schema, and its text. */

import { z } from "zod";
import { DataError } from "../../errors/index.ts";
import type { Shape } from "../../tensor/index.ts";
import type { Preprocessing, SampleDType } from "../dataset.ts";

/** How logits are stored. float16 keeps 11 significant bits; int8 is affine per row of classes. */
export type SoftLabelPrecision = "float16" | "float32" | "int8";

/**
 * What a member's stored numbers are: `logits` (softmax gives its probabilities), `log-probabilities` (log p of a
 * teacher that only gives p; softmax(log p / T) is exact), `sigmoid` (one independent logit per class).
 */
export type MemberKind = "logits" | "log-probabilities" | "sigmoid";

/** How members become one teacher: mean of probabilities, normalised mean of log-probabilities, or mean of logits. */
export type CombineMethod = "arithmetic" | "geometric" | "logits";

/** Values that JSON can hold. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json };

/** One teacher network. */
export interface SoftLabelMember {
  readonly name: string;
  /** SHA-256 of the model file, or another fixed identity of a teacher that has no file */
  readonly hash: string;
  readonly kind: MemberKind;
}

/** What is known before the first sample is labelled. */
export interface SoftLabelHeader {
  readonly precision: SoftLabelPrecision;
  readonly classNames: readonly string[];
  /** at least one; a package of an ensemble holds every member's logits */
  readonly members: readonly SoftLabelMember[];
  readonly combine: CombineMethod;
  readonly teacherHash: string;
  /** `Dataset.hash()` of the labelled data, in their order */
  readonly dataHash: string;
  readonly dataName: string;
  readonly sample: { readonly dtype: SampleDType; readonly shape: Shape };
  readonly preprocessing: Preprocessing;
  /** View v of a sample is a function of (seed, sample, v) under this augmentation; null: view 0 is the sample itself. */
  readonly views: {
    readonly count: number;
    readonly seed: number;
    readonly augmentation: Json;
  };
  readonly withInputs: boolean;
  readonly sampleCount: number;
  /** the tool and its version */
  readonly createdBy: string;
}

/** One shard file. */
export interface SoftLabelShard {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly samples: number;
}

/** The header with the shape of the shards: what must be equal for labelling to go on where it stopped. */
export interface SoftLabelPlan extends SoftLabelHeader {
  readonly samplesPerShard: number;
}

/** manifest.json */
export interface SoftLabelManifest extends SoftLabelPlan {
  readonly format: "potstill-soft-labels";
  readonly version: 1;
  readonly classCount: number;
  readonly shards: readonly SoftLabelShard[];
}

/** progress.json: what is already written; there only while labelling is under way. */
export interface SoftLabelProgress {
  readonly format: "potstill-soft-labels-progress";
  readonly version: 1;
  readonly plan: SoftLabelPlan;
  readonly shards: readonly SoftLabelShard[];
}

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

const planFields = {
  precision: z.enum(["float16", "float32", "int8"]),
  classNames: z
    .array(z.string())
    .min(1)
    .refine((names) => new Set(names).size === names.length, "must all differ"),
  members: z
    .array(memberSchema)
    .min(1)
    .refine(
      (members) => new Set(members.map(({ kind }) => kind === "sigmoid")).size === 1,
      "must not mix sigmoid members with others",
    ),
  combine: z.enum(["arithmetic", "geometric", "logits"]),
  teacherHash: text,
  dataHash: sha256Hex,
  dataName: z.string(),
  sample: z.strictObject({ dtype: z.enum(["uint8", "float32"]), shape: z.array(count) }),
  preprocessing: z.strictObject({ scale: z.number(), offset: z.number() }),
  views: z.strictObject({ count, seed: z.int().min(0), augmentation: z.json() }),
  withInputs: z.boolean(),
  sampleCount: count,
  createdBy: text,
  samplesPerShard: count,
};

const shardSchema = z.strictObject({
  name: z.string().regex(/^shards\/\d{5,}\.safetensors$/, "must be shards/NNNNN.safetensors"),
  sha256: sha256Hex,
  bytes: count,
  samples: count,
});

const planSchema: z.ZodType<SoftLabelPlan> = z.strictObject(planFields);

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
  .refine((manifest) => manifest.classCount === manifest.classNames.length, {
    path: ["classCount"],
    message: "must be the number of classNames",
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
 * Joins header and shard size, checked, with names inside `augmentation` sorted so that equal plans have equal text.
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
  const classCount = plan.classNames.length;
  return { format: "potstill-soft-labels", version: 1, classCount, ...plan, shards };
}

export function jsonBytes(value: SoftLabelManifest | SoftLabelProgress): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
