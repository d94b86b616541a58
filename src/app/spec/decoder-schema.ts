/** @file The recipe's section `decoder`: from frames to words, so that word errors are counted. */

import * as z from "zod";
import type { FramesSpec } from "../../data/index.ts";
import type { DecoderCandidates } from "../../distill/index.ts";
import { ConfigError } from "../../errors/index.ts";
import type { Recipe } from "./recipe.ts";

/** A number, or the candidates for it, the one to begin with first. */
type Weight = number | readonly number[];

export interface DecoderRecipe {
  /** text: a word and its phones a line */
  readonly lexicon: string;
  /** phone that may stand before, between and after words */
  readonly silence: string;
  readonly languageModel?: {
    /** sentences, a line each; default: the transcripts of the training part */
    readonly text?: string;
    /** default 10 */
    readonly strength?: number;
  };
  readonly languageModelWeight?: Weight;
  readonly priorWeight?: Weight;
  readonly acousticScale?: Weight;
  readonly wordInsertionPenalty?: Weight;
}

const path = z.string().min(1);
const candidates = (value: z.ZodNumber, what: string) =>
  z
    .union([value, z.array(value).min(1)])
    .exactOptional()
    .describe(`${what}; a list is tried on validation`);

const weights = {
  languageModelWeight: candidates(
    z.number().min(0),
    "of log p(word | word before); default [1, 2, 3, 5, 8, 12]",
  ),
  priorWeight: candidates(
    z.number().min(0),
    "of log p(state), taken off the scores; default [0.6, 0.3, 1]",
  ),
  acousticScale: candidates(z.number().gt(0), "of the acoustic scores; default 1"),
  wordInsertionPenalty: candidates(
    z.number(),
    "nats taken off for each word; default [0, -5, 5, 10, 15, 20, 30]",
  ),
} as const;

/** Counts word errors beside frames. */
export const decoderSchema: z.ZodType<DecoderRecipe> = z
  .strictObject({
    lexicon: path.describe("text: a word and its phones a line, as Kaldi's lexicon.txt"),
    silence: z.string().min(1).describe("phone before, between and after words"),
    languageModel: z
      .strictObject({
        text: path
          .exactOptional()
          .describe("sentences, a line each; default: transcripts of the training part"),
        strength: z
          .number()
          .gt(0)
          .exactOptional()
          .describe("observations that the unigram is worth after each word; default 10"),
      })
      .exactOptional()
      .describe("a bigram"),
    ...weights,
  })
  .describe(
    "count word errors too, of source: frames or speech; each model's weights chosen on validation",
  );

/** @returns the weights that the recipe names, as candidates */
export function namedCandidates(decoder: DecoderRecipe): Partial<DecoderCandidates> {
  const names = Object.keys(weights) as (keyof typeof weights)[]; // an object of these keys
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = decoder[name];
      if (value === undefined) return [];
      return [[name, typeof value === "number" ? [value] : value]];
    }),
  );
}

/**
 * What a decoder needs of the rest of the recipe.
 *
 * @param whereOf a place of the recipe
 * @throws ConfigError "config/conflict" for data that are no frames of recordings, or with
 *   `labelled`; "config/missing" for recordings without transcripts or states
 */
export function assertDecoderFits(
  { data, decoder, labelled }: Recipe,
  whereOf: (path: readonly PropertyKey[], atKey?: boolean) => string,
): void {
  if (decoder === undefined) return;
  if (data?.source !== "frames" && data?.source !== "speech")
    throw new ConfigError("config/conflict", {
      where: whereOf(["decoder"], true),
      rule: "a decoder recognises words in recordings, data of source: frames or speech",
      got: data === undefined ? "no data" : `source: ${data.source}`,
      fix: "Leave decoder out, or name frames",
    });
  if (labelled !== undefined)
    throw new ConfigError("config/conflict", {
      where: whereOf(["labelled"], true),
      rule: "a decoder counts how long states last, in frames that all have their label",
      got: `labelled: ${labelled}`,
      fix: "Leave labelled or decoder out",
    });
  if (data.source === "speech") return; // files beside each recording
  assertNamed(data, "labels", ["data"], whereOf);
  assertNamed(data, "transcripts", ["data"], whereOf);
  if (data.test) assertNamed(data.test, "transcripts", ["data", "test"], whereOf);
}

function assertNamed(
  files: Pick<FramesSpec, "labels" | "transcripts">,
  key: "labels" | "transcripts",
  section: readonly string[],
  whereOf: (path: readonly PropertyKey[], atKey?: boolean) => string,
): void {
  if (files[key] !== undefined) return;
  const name = `${section.join(".")}.${key}`;
  const what =
    key === "labels"
      ? "the state of each frame"
      : "what is said in each recording, to count word errors against";
  throw new ConfigError("config/missing", {
    where: whereOf(section, true),
    rule: `with a decoder, "${name}" must give ${what}`,
    got: "none",
    fix: `Add ${name}, or leave decoder out`,
  });
}
