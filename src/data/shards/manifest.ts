/** @file manifest.json of a folder of shards: what the samples are, and where. */

import { z } from "zod";
import type { Preprocessing, SampleDType, Shape } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import type { FrameEncoding } from "../audio/frame-encoding.ts";
import type { TextEncoding } from "../dataset.ts";
import { framesSchema, textSchema } from "../sample-schema.ts";

export const manifestName = "manifest.json";
export const indexName = "index.safetensors";

/** One file, with what it must be. */
export interface ShardFile {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** What is known of a data set before its first sample. */
export interface ShardHeader {
  readonly name: string;
  readonly dtype: SampleDType;
  /** of one sample */
  readonly shape: Shape;
  readonly preprocessing: Preprocessing;
  readonly classNames: readonly string[];
  /** samples of one group are nearly the same; see Dataset.wholeGroups */
  readonly wholeGroups: boolean;
  /** groups are named within the set alone; see Dataset.localGroups. Default false */
  readonly localGroups?: boolean | undefined;
  /** of samples that are text */
  readonly text?: TextEncoding | undefined;
  /** of samples that are frames; see Dataset.frames */
  readonly frames?: FrameEncoding | undefined;
}

/** manifest.json */
export interface ShardManifest extends ShardHeader {
  readonly format: "potstill-data";
  readonly version: 1;
  readonly length: number;
  /** `Dataset.hash()` of all samples in order */
  readonly dataHash: string;
  /** distinct groups, by the numbers that the index has; null without groups */
  readonly groupNames: readonly string[] | null;
  /** samples in every shard but the last, which may have fewer */
  readonly samplesPerShard: number;
  /** safetensors: labels int32 [n], keys uint8 [n, 16], and groups uint32 [n] if there are any */
  readonly index: ShardFile;
  /** safetensors, in the order of the data: samples [n, ...shape] */
  readonly shards: readonly ShardFile[];
}

const count = z.int().min(1);
const fileFields = {
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hex digits"),
  bytes: count,
};

const header = z.object({
  name: z.string(),
  dtype: z.enum(["uint8", "float32", "int32"]),
  shape: z.array(count),
  preprocessing: z.strictObject({
    scale: z.number().refine((scale) => scale !== 0, "must not be 0"),
    offset: z.number(),
  }),
  classNames: z
    .array(z.string())
    .refine((names) => new Set(names).size === names.length, "must differ"),
  wholeGroups: z.boolean(),
  localGroups: z.boolean().exactOptional(),
  text: textSchema.exactOptional(),
  frames: framesSchema.exactOptional(),
});

const schema: z.ZodType<ShardManifest> = z
  .strictObject({
    format: z.literal("potstill-data"),
    version: z.literal(1),
    ...header.shape,
    length: count,
    dataHash: fileFields.sha256,
    groupNames: z.array(z.string()).nullable(),
    samplesPerShard: count,
    index: z.strictObject({ name: z.literal(indexName), ...fileFields }),
    shards: z
      .array(
        z.strictObject({ name: z.string().regex(/^shards\/\d{5,}\.safetensors$/), ...fileFields }),
      )
      .min(1),
  })
  .refine(
    ({ length, samplesPerShard, shards }) => shards.length === Math.ceil(length / samplesPerShard),
    { path: ["shards"], message: "must be as many as the samples fill" },
  );

/** @throws DataError "shards/manifest" naming the first wrong field */
export function parseManifest(bytes: Uint8Array, where: string): ShardManifest {
  const fail = (rule: string, details: unknown, cause?: unknown): DataError =>
    new DataError("shards/manifest", {
      where,
      rule,
      fix: "Use the manifest as it was written, or write the shards again",
      details: { details },
      ...(cause === undefined ? {} : { cause }),
    });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw fail("must be JSON text", String(cause), cause);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!; // a failed parse has at least one
  throw fail(`${issue.path.join(".") || "the whole"}: ${issue.message}`, result.error.issues);
}

/**
 * @returns what is the header's own
 * @throws DataError "shards/header" naming the first wrong field
 */
export function headerOf(given: ShardHeader): ShardHeader {
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  const result = header.safeParse(Object.fromEntries(known));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!; // a failed parse has at least one
  throw new DataError("shards/header", {
    where: "shards",
    rule: `${issue.path.join(".") || "the header"}: ${issue.message}`,
    fix: "Give what ShardHeader asks for",
    details: { details: result.error.issues },
  });
}

export function manifestBytes(manifest: ShardManifest): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
}

/** @returns "shards/00000.safetensors" for shard 0 */
export function shardName(shard: number): string {
  return `shards/${String(shard).padStart(5, "0")}.safetensors`;
}
