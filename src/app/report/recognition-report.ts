/** @file Word errors: what each model recognises, and how much of the teacher's gain is kept. */

import * as z from "zod";
import type { DecoderWeights, RecognitionResult, RecognizedSystem } from "../../distill/index.ts";
import {
  bootstrapRatio,
  errorsOf,
  type Groups,
  gainKept,
  type Interval,
  type WordErrors,
} from "../../distill/metrics/index.ts";
import { perSeed, resampling } from "./measure.ts";
import { percent, points, span } from "./numbers.ts";
import type { PerSeed } from "./report.ts";
import { count, intervalFields, perSeedFields } from "./schema-parts.ts";
import { type GainReport, gainReport } from "./teacher-parts-report.ts";

/** Word errors of one model, or of a student with each seed. */
export interface WordErrorReport {
  /** (substitutions + deletions + insertions) / words: may be above 1 */
  readonly wordErrorRate: Interval & PerSeed;
  readonly substitutions: PerSeed;
  readonly deletions: PerSeed;
  readonly insertions: PerSeed;
  /** chosen on validation, of each seed */
  readonly decoder: readonly (DecoderWeights & { readonly validationWordErrorRate: number })[];
}

export interface RecognitionReport {
  /** of the test split */
  readonly recordings: number;
  /** that are said in them */
  readonly words: number;
  /** words that can be recognised */
  readonly vocabulary: number;
  readonly models: {
    readonly teacher: WordErrorReport | null;
    readonly distilled: WordErrorReport;
    readonly scratch: WordErrorReport | null;
    readonly scratchAugmented: WordErrorReport | null;
    readonly scratchSmoothed: WordErrorReport | null;
  };
  /** an ensemble's members, or a generalist; none for a teacher of one part */
  readonly teacherParts: readonly (WordErrorReport & { readonly name: string })[];
  /** null for a teacher of one part */
  readonly gain: GainReport | null;
}

/**
 * @param over what the teacher's gain is over; null for a teacher of one part
 * @param groups of each test recording; none: each is a group of its own
 */
export function reportRecognition(
  result: RecognitionResult,
  over: GainReport["over"] | null,
  groups?: Groups,
): RecognitionReport {
  const { teacher, teacherParts, vocabulary } = result;
  const runsOf = (name: string): readonly RecognizedSystem[] | null =>
    result.arms.find(({ arm }) => arm === name)?.runs ?? null;
  const student = (name: string): WordErrorReport | null => {
    const runs = runsOf(name);
    return runs && reportWordErrors(runs, groups);
  };
  const distilled = runsOf("distilled")!; // every report has it
  const words = wordsOf(distilled[0]!); // a run for each seed
  return {
    recordings: words.length,
    words: words.reduce((sum, each) => sum + each, 0),
    vocabulary,
    models: {
      teacher: teacher && reportWordErrors([teacher], groups),
      distilled: reportWordErrors(distilled, groups),
      scratch: student("scratch"),
      scratchAugmented: student("scratchAugmented"),
      scratchSmoothed: student("scratchSmoothed"),
    },
    teacherParts: teacherParts.map((part) => ({
      name: part.name,
      ...reportWordErrors([part], groups),
    })),
    gain:
      teacher && over && reportGain(over, { baseline: teacherParts, teacher, distilled }, groups),
  };
}

const wordsOf = ({ errors }: RecognizedSystem): readonly number[] =>
  errors.map(({ words }) => words);
const errorCounts = ({ errors }: RecognizedSystem): readonly number[] => errors.map(errorsOf);

/**
 * @param systems of one model: one for each seed
 * @param groups of each recording; none: each is a group of its own
 */
export function reportWordErrors(
  systems: readonly RecognizedSystem[],
  groups?: Groups,
): WordErrorReport {
  const words = wordsOf(systems[0]!); // at least one
  const total = (list: readonly number[]): number => list.reduce((sum, each) => sum + each, 0);
  const each = (kind: Exclude<keyof WordErrors, "words">): PerSeed =>
    perSeed(systems.map(({ errors }) => total(errors.map((recording) => recording[kind]))));
  return {
    wordErrorRate: {
      ...bootstrapRatio(systems.map(errorCounts), words, resampling(groups)),
      perSeed: systems.map((system) => total(errorCounts(system)) / total(words)),
    },
    substitutions: each("substitutions"),
    deletions: each("deletions"),
    insertions: each("insertions"),
    decoder: systems.map(({ weights, validationWordErrorRate }) => ({
      ...weights,
      validationWordErrorRate,
    })),
  };
}

function reportGain(
  over: GainReport["over"],
  systems: {
    readonly baseline: readonly RecognizedSystem[];
    readonly teacher: RecognizedSystem;
    readonly distilled: readonly RecognizedSystem[];
  },
  groups: Groups,
): GainReport {
  const found = gainKept(
    {
      baseline: systems.baseline.map(errorCounts),
      ensemble: errorCounts(systems.teacher),
      students: systems.distilled.map(errorCounts),
      sizes: wordsOf(systems.teacher),
    },
    { ...resampling(groups), lowerIsBetter: true },
  );
  return gainReport(over, found, sentenceOf(over, found.gain, found.kept));
}

const named = { members: "its members' mean", generalist: "the generalist's" } as const;

/** The gain is negative: fewer errors. */
function sentenceOf(over: GainReport["over"], gain: Interval, kept: Interval | null): string {
  const by = `${points(Math.abs(gain.mean)).replace("+", "")} percentage points`;
  const side = gain.mean > 0 ? "above" : "below";
  const none = "so the share of the gain that the student keeps is undefined.";
  const lead = `The teacher's word error rate is ${by} ${side} ${named[over]}`;
  if (gain.low === null) return `${lead}: too few groups for an interval, ${none}`;
  const start = `${lead} (95 % interval ${span(gain, points)})`;
  if (gain.low > 0) return `${start}: it is worse, ${none}`;
  if (kept === null) return `${start}: that interval includes 0, ${none}`;
  return `${start}. The student keeps ${percent(kept.mean)} of that gain (${span(kept, percent)}).`;
}

const rate = z.number().min(0);
const counts = z.strictObject(perSeedFields(rate));
const wordErrorFields = {
  wordErrorRate: z
    .strictObject({ ...intervalFields(rate), ...perSeedFields(rate) })
    .describe(
      "(substitutions + deletions + insertions) / words; interval by a percentile bootstrap over seeds and recordings, or their groups",
    ),
  substitutions: counts,
  deletions: counts.describe("Words that were said and not recognised"),
  insertions: counts.describe("Words that were recognised and not said"),
  decoder: z
    .array(
      z.strictObject({
        languageModelWeight: rate,
        priorWeight: rate,
        acousticScale: rate,
        wordInsertionPenalty: z.number(),
        validationWordErrorRate: rate,
      }),
    )
    .describe("Weights that were chosen on validation, of each seed"),
};
const wordErrors = z.strictObject(wordErrorFields);
const interval = z.strictObject(intervalFields(z.number()));

export const recognitionSchema: z.ZodType<RecognitionReport> = z.strictObject({
  recordings: count.describe("Of the test split"),
  words: count.describe("That are said in them"),
  vocabulary: count.describe("Words that can be recognised"),
  models: z.strictObject({
    teacher: wordErrors.nullable(),
    distilled: wordErrors,
    scratch: wordErrors.nullable(),
    scratchAugmented: wordErrors.nullable(),
    scratchSmoothed: wordErrors.nullable(),
  }),
  teacherParts: z
    .array(z.strictObject({ name: z.string(), ...wordErrorFields }))
    .describe("An ensemble's members, or a generalist"),
  gain: z
    .strictObject({
      over: z.enum(["members", "generalist"]).describe("What the gain is over"),
      baseline: interval,
      teacher: interval,
      students: interval,
      gain: interval.describe("Teacher minus baseline: below 0 for fewer errors"),
      kept: interval
        .nullable()
        .describe("(students - baseline) / gain; null unless the gain's interval is below 0"),
      sentence: z.string(),
    })
    .nullable()
    .describe("Word error rates; null for a teacher of one part"),
});
