/** @file What a teacher's parts do, and how much of its gain over them the student keeps. */

import * as z from "zod";
import type { TeacherParts } from "../../distill/index.ts";
import {
  accuracy,
  changesByCoverage,
  conditionalAccuracy,
  correctSamples,
  type GainKept,
  gainKept,
  type Interval,
} from "../../distill/metrics/index.ts";
import type { ArmInput, ReportInput } from "./input.ts";
import { resampling } from "./measure.ts";
import { percent, points, span } from "./numbers.ts";
import { difference, intervalFields, share } from "./schema-parts.ts";

/** The share of the teacher's gain that the students keep. */
export interface GainReport {
  /** what the gain is over: the members' mean, or the generalist */
  readonly over: "members" | "generalist";
  readonly baseline: Interval;
  readonly teacher: Interval;
  readonly students: Interval;
  readonly gain: Interval;
  /** 1 keeps all of it; null, undefined, unless the gain's interval is above 0 */
  readonly kept: Interval | null;
  readonly sentence: string;
}

export interface EnsembleReport extends GainReport {
  readonly combine: "arithmetic" | "geometric" | "logits";
  readonly members: readonly {
    readonly name: string;
    readonly accuracy: number;
    /** of all weights' sum */
    readonly weight: number;
  }[];
}

export interface SpecialistsReport extends GainReport {
  /** class names of each specialist */
  readonly sets: readonly (readonly string[])[];
  readonly conditional: {
    readonly cases: number;
    readonly generalist: number | null;
    readonly withSpecialists: number | null;
  };
  readonly coverage: readonly {
    readonly specialists: number;
    readonly cases: number;
    readonly change: number;
    readonly relative: number | null;
  }[];
}

export interface TeacherPartsReport {
  readonly ensemble: EnsembleReport | null;
  readonly specialists: SpecialistsReport | null;
}

/** @returns both null for a teacher of one part */
export function reportTeacherParts(input: ReportInput): TeacherPartsReport {
  const { teacherParts } = input;
  if (teacherParts?.kind === "ensemble")
    return { ensemble: reportEnsemble(teacherParts, input), specialists: null };
  if (teacherParts?.kind === "specialists")
    return { ensemble: null, specialists: reportSpecialists(teacherParts, input) };
  return { ensemble: null, specialists: null };
}

function reportEnsemble(
  { members, weights, combine }: Extract<TeacherParts, { kind: "ensemble" }>,
  input: ReportInput,
): EnsembleReport {
  const { testLabels } = input;
  const baseline = members.map((each) => each.testLogits);
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? members.length;
  return {
    combine,
    members: members.map(({ name, testLogits }, m) => ({
      name,
      accuracy: accuracy(testLogits, testLabels),
      weight: (weights?.[m] ?? 1) / total,
    })),
    ...gainOver("members", baseline, input),
  };
}

function reportSpecialists(
  { generalist, sets }: Extract<TeacherParts, { kind: "specialists" }>,
  input: ReportInput,
): SpecialistsReport {
  const { teacher, testLabels, data } = input;
  const [before, after] = [generalist.testLogits, teacher.testLogits[0]!]; // a teacher was there
  const alone = conditionalAccuracy(before, testLabels, sets);
  const together = conditionalAccuracy(after, testLabels, sets);
  return {
    sets: sets.map((set) => set.map((index) => data.classNames[index]!)),
    conditional: {
      cases: alone.cases,
      generalist: alone.accuracy,
      withSpecialists: together.accuracy,
    },
    coverage: changesByCoverage(before, after, testLabels, sets),
    ...gainOver("generalist", [before], input),
  };
}

const logitsOf = ({ perSeed }: ArmInput): readonly Float32Array[] =>
  perSeed.map(({ testLogits }) => testLogits);

const named = {
  members: "its members' mean",
  generalist: "the generalist",
} as const;

function gainOver(
  over: GainReport["over"],
  baseline: readonly Float32Array[],
  { arms, teacher, testLabels, testGroups }: ReportInput,
): GainReport {
  const hits = (models: readonly Float32Array[]): Uint8Array[] =>
    models.map((logits) => correctSamples(logits, testLabels));
  const distilled = arms.find(({ arm }) => arm === "distilled")!; // every report has it
  const found = gainKept(
    {
      baseline: hits(baseline),
      ensemble: hits(teacher.testLogits)[0]!, // a teacher was there
      students: hits(logitsOf(distilled)),
    },
    resampling(testGroups),
  );
  return gainReport(over, found, gainSentence(named[over], found.gain, found.kept));
}

/** @returns a gain as reports hold it, with its sentence */
export function gainReport(
  over: GainReport["over"],
  { baseline, ensemble: teacher, students, gain, kept }: GainKept,
  sentence: string,
): GainReport {
  return { over, baseline, teacher, students, gain, kept, sentence };
}

function gainSentence(baseline: string, gain: Interval, kept: Interval | null): string {
  const by = `${points(gain.mean)} percentage points`;
  const none = "so the share of the gain that the student keeps is undefined.";
  if (gain.low === null)
    return `The teacher is ${by} above ${baseline}: too few groups for an interval, ${none}`;
  const interval = `(95 % interval ${span(gain, points)})`;
  if (isWorse(gain)) return `The teacher is worse than ${baseline}, by ${by} ${interval}, ${none}`;
  const gained = `The teacher is ${by} above ${baseline} ${interval}`;
  if (kept === null) return `${gained}: that interval includes 0, ${none}`;
  return `${gained}. The student keeps ${percent(kept.mean)} of that gain (${span(kept, percent)}).`;
}

/** @returns whether the teacher is clearly below what its gain would be over */
export function isWorse(gain: Interval): boolean {
  return gain.high !== null && gain.high < 0;
}

/** @returns in few words why no share of a gain is kept; `isLoss`: the teacher is worse */
export function whyUndefined({ low }: Interval, isLoss: boolean): string {
  if (low === null) return "too few groups for an interval";
  return isLoss ? "the teacher is worse" : "the gain’s interval includes 0";
}

const interval = z.strictObject(intervalFields(difference));
const gainFields = {
  over: z.enum(["members", "generalist"]).describe("What the gain is over"),
  baseline: interval,
  teacher: interval,
  students: interval,
  gain: interval.describe("Teacher minus baseline"),
  kept: z
    .strictObject(intervalFields(z.number()))
    .nullable()
    .describe("(students - baseline) / gain; null unless the gain's interval is above 0"),
  sentence: z.string(),
};
const whole = z.int();

export const ensembleSchema: z.ZodType<EnsembleReport> = z.strictObject({
  combine: z.enum(["arithmetic", "geometric", "logits"]),
  members: z.array(z.strictObject({ name: z.string(), accuracy: share, weight: share })),
  ...gainFields,
});

export const specialistsSchema: z.ZodType<SpecialistsReport> = z.strictObject({
  sets: z.array(z.array(z.string())),
  conditional: z.strictObject({
    cases: whole.min(0),
    generalist: share.nullable(),
    withSpecialists: share.nullable(),
  }),
  coverage: z.array(
    z.strictObject({
      specialists: whole.min(0),
      cases: whole.min(0),
      change: whole,
      relative: z.number().nullable(),
    }),
  ),
  ...gainFields,
});
