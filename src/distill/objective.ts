/**
 * @file The two objectives: hard labels alone, and hard labels with a distillation term; and the
 * feed parts that serve them.
 */

import {
  type ClassesOfBoth,
  type Dataset,
  logitCount,
  type SoftLabels,
  teacherColumns,
  UNLABELLED,
} from "../data/index.ts";
import { input, topologicalOrder, type Value } from "../engine/graph/index.ts";
import { type ScheduleSpec, schedule } from "../engine/optim/index.ts";
import type { Objective, ObjectiveTerm } from "../engine/train/index.ts";
import { ConfigError, type Range } from "../errors/index.ts";
import { columnsOf } from "./class-columns.ts";
import { graphText } from "./graph-text.ts";
import {
  type HardTermOptions,
  hardTerm,
  labelsPart,
  mixerOf,
  seenClasses,
  share,
} from "./hard-term.ts";
import { type LossTeacher, namedLoss } from "./named-loss.ts";
import { askedLogits, storedLogits } from "./teacher-logits.ts";
import type { Teacher } from "./teachers/index.ts";
import { type FeedPart, scalarsPart, type Views, viewOfEpoch } from "./training/dataset-feed.ts";
import { type DistillationSpec, defaults } from "./training-spec.ts";

/**
 * A distillation loss of the user's own. With `training.accumulate` it sees a part of the batch at
 * a time, and the parts' values are summed: a loss that relates samples to one another is then
 * another loss, which cannot be seen from here and is not refused.
 *
 * @param studentLogits float32 [batch, classes], of the teacher's classes alone where it knows some
 *   of the data's; @param teacherLogits float32 [batch, classes] or [batch, members, classes]
 * @param context.temperature float32 []; @param context.sampleWeights float32 [batch], to be summed
 *   against the loss per sample
 * @param context.hardLabels int32 [batch], with the weights of those that are known, 0 of the
 *   others: with hardWeight 0 a loss of both is all that is trained on; null under MixUp, which has
 *   two, and for a teacher of some of the data's classes, which the labels may be none of
 * @returns float32 []
 */
export type DistillationLoss = (
  studentLogits: Value,
  teacherLogits: Value,
  context: {
    readonly temperature: Value;
    readonly sampleWeights: Value;
    readonly hardLabels: { readonly classes: Value; readonly sampleWeights: Value } | null;
  },
) => Value;

/** Names of per-step inputs that the self-checks look at. */
export const teacherLogitsInput = "teacherLogits";
export const softSampleWeightsInput = "softSampleWeights";
export const softWeightInput = "softWeight";

/** An objective with what feeds it. */
export interface FedObjective {
  readonly objective: Objective;
  readonly parts: readonly FeedPart[];
}

/** @returns weight · cross-entropy with the labels; unlabelled and padding samples weigh nothing */
export function hardObjective(
  dataset: Dataset,
  batchSize: number,
  { labelSmoothing, hardClasses }: HardTermOptions = {},
  views?: Views,
): FedObjective {
  const labels = labelsPart(dataset, batchSize, views);
  const seen = seenClasses(dataset, hardClasses);
  const hard = hardTerm(batchSize, { labelSmoothing, isMixed: labels.isMixed, seen });
  return {
    objective: { perStep: hard.perStep, terms: (logits) => [hard.term(logits)] },
    parts: [labels.part, scalarsPart({ hardWeight: () => 1 })],
  };
}

export interface SoftObjectiveOptions extends HardTermOptions {
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly softLabels: SoftLabels;
  /**
   * row of each sample in the package, from alignSoftLabels; −1 for a sample without soft labels
   */
  readonly rows: Int32Array;
  readonly views?: Views | undefined;
  /** ask this teacher instead of reading the package */
  readonly live?: Teacher | undefined;
  readonly spec: DistillationSpec;
  readonly loss?: DistillationLoss | undefined;
}

/**
 * Hard-label term at T = 1 and distillation term at T, each with its weight. Each term sums over
 * the samples that have what it needs, divided by the number of samples in the batch (padding left
 * out).
 *
 * @throws ConfigError as scheduledScalars and namedLoss; "config/conflict" for mixed samples under
 *   a loss that needs one label
 */
export function softObjective(options: SoftObjectiveOptions): FedObjective {
  const { dataset, batchSize, softLabels, spec, loss } = options;
  const { isMixed, part } = labelsPart(dataset, batchSize, options.views);
  const { labelSmoothing, hardClasses } = options;
  const seen = seenClasses(dataset, hardClasses);
  const hard = hardTerm(batchSize, { labelSmoothing, isMixed, seen });
  const teacher = softLabels.manifest;
  const soft = softTerm({ spec, loss, teacher, batchSize, isMixed });
  return {
    objective: {
      perStep: [...hard.perStep, ...soft.perStep],
      terms: (logits) => [hard.term(logits), soft.term(logits, hard)],
    },
    parts: [
      part,
      softLabelsPart(options),
      taughtWeightsPart(softSampleWeightsInput, options, soft.needsLabels),
      scalarsPart(scheduledScalars(spec)),
    ],
  };
}

/** What decides the distillation term of a batch, whatever its samples are. */
export interface SoftTermOptions extends Pick<SoftObjectiveOptions, "spec" | "loss" | "batchSize"> {
  readonly teacher: LossTeacher & ClassesOfBoth;
  /** with MixUp in the views */
  readonly isMixed: boolean;
}

/** What is fed of the samples' classes. */
type KnownLabels = Pick<ReturnType<typeof hardTerm>, "labels" | "sampleWeights">;

function softTerm({ spec, loss, teacher, batchSize, isMixed }: SoftTermOptions): {
  readonly needsLabels: boolean;
  readonly perStep: readonly Value[];
  readonly term: (logits: Value, known: KnownLabels) => ObjectiveTerm;
} {
  const { members } = teacher;
  const classCount = logitCount(teacher);
  const columns = teacherColumns(teacher);
  const shape = members.length === 1 ? [classCount] : [members.length, classCount];
  const teacherLogits = input(teacherLogitsInput, "float32", [batchSize, ...shape]);
  const sampleWeights = input(softSampleWeightsInput, "float32", [batchSize]);
  const temperature = input("temperature", "float32", []);
  const weight = input(softWeightInput, "float32", []);
  const named = loss === undefined ? namedLoss(spec, teacher) : undefined;
  const needsLabels = named?.needsLabels === true;
  if (isMixed && needsLabels) throw noSingleLabel();
  const context = { temperature, sampleWeights };
  const value = (all: Value, { labels: classes, sampleWeights: weights }: KnownLabels): Value => {
    const logits = columns === null ? all : columnsOf(all, columns); // [batch, teacher's classes]
    if (named !== undefined)
      return named.loss(logits, teacherLogits, { ...context, labels: classes });
    const hardLabels = isMixed || columns !== null ? null : { classes, sampleWeights: weights };
    const own: unknown = loss!(logits, teacherLogits, { ...context, hardLabels }); // no named one
    assertValue(own);
    return own;
  };
  return {
    needsLabels,
    perStep: [teacherLogits, sampleWeights, temperature, weight],
    term: (logits, known) => ({ name: "soft", loss: value(logits, known), weight }),
  };
}

/** @throws ConfigError "config/type" */
function assertValue(own: unknown): asserts own is Value {
  const { op, shape } = Object(own) as Partial<Value>; // of what has neither, undefined
  if (typeof op === "string" && Array.isArray(shape)) return;
  const got = own instanceof Promise ? "a promise" : own === undefined ? "nothing" : `${own}`;
  throw new ConfigError("config/type", {
    where: "distillation loss",
    rule: "the function must return a value of the graph, float32 []",
    got,
    fix: "Return what operators give: softTargetLoss(…), add(…); an arrow function with braces needs return",
  });
}

/**
 * Builds the schedules and, for a named loss, the distillation term, for nothing but what they
 * refuse. A loss of the user's own is not called: it may need to know how many members there are.
 *
 * @throws ConfigError as softObjective; whatever the loss refuses of its own options
 */
export function assertSoftTerm(options: SoftTermOptions): void {
  const { spec, loss, batchSize, teacher } = options;
  scheduledScalars(spec);
  if (loss !== undefined) return;
  const logits = input("logits", "float32", [batchSize, teacher.classNames.length]);
  softTerm(options).term(logits, hardTerm(batchSize, { isMixed: false, seen: null }));
}

/**
 * @returns the distillation term as a graph's text with hashes of its tensors: what tells losses of
 *   the user's own apart
 * @throws as softObjective; whatever the loss throws
 */
export function softTermText(options: SoftTermOptions): string {
  const logits = input("logits", "float32", [options.batchSize, options.teacher.classNames.length]);
  const hard = hardTerm(options.batchSize, { isMixed: false, seen: null });
  const { loss: value } = softTerm(options).term(logits, hard);
  const outputs = [{ name: "soft", value }];
  const inputs = topologicalOrder([value]).filter(({ op }) => op === "input");
  return graphText({ name: "soft", inputs, outputs });
}

/**
 * Temperature and loss weights, step by step.
 *
 * @throws ConfigError "config/range" for a temperature that is not above 0 and a negative weight;
 *   "config/unknown-name" for an unknown kind of schedule
 */
function scheduledScalars({
  temperature = defaults.temperature,
  softWeight = defaults.softWeight,
  hardWeight = defaults.hardWeight,
}: DistillationSpec): Parameters<typeof scalarsPart>[0] {
  const scheduled = (name: string, spec: ScheduleSpec, range: Range) => {
    const at = schedule(spec, `distillation.${name}`, range);
    return ({ step, totalSteps }: { step: number; totalSteps: number }) => at(step, totalSteps);
  };
  return {
    temperature: scheduled("temperature", temperature, { above: 0 }),
    [softWeightInput]: scheduled("softWeight", softWeight, { from: 0 }),
    hardWeight: scheduled("hardWeight", hardWeight, { from: 0 }),
  };
}

function noSingleLabel(): ConfigError {
  return new ConfigError("config/conflict", {
    where: "distillation",
    rule: "this loss needs one label per sample, and mixed samples have two",
    got: "mixup in the views",
    fix: "Use another loss, such as softTargets, or views without mixup",
  });
}

/** @returns whether there are soft labels of what the student sees of a sample in a view */
function isTaughtIn({
  dataset,
  rows,
  views,
}: Pick<SoftObjectiveOptions, "dataset" | "rows" | "views">): (
  index: number,
  view: number,
) => boolean {
  const mixOf = mixerOf(dataset, views);
  return (index, view) => rows[index]! >= 0 && (mixOf === null || mixOf(index, view).partner >= 0);
}

/** The teacher's logits, from the package or from the teacher itself. */
function softLabelsPart(options: SoftObjectiveOptions): FeedPart {
  const { batchSize, softLabels, rows, views, live } = options;
  const { members, classCount } = softLabels.manifest;
  const shape = members.length === 1 ? [classCount] : [members.length, classCount];
  const fillLogits =
    live === undefined ? storedLogits(softLabels, rows) : askedLogits({ ...options, live });
  return {
    inputs: [{ name: teacherLogitsInput, dtype: "float32", shape: [batchSize, ...shape] }],
    fill: ({ batch, epoch }, [logits]) => {
      const view = views === undefined ? 0 : viewOfEpoch(views, epoch);
      return fillLogits(batch.indices, view, logits as Float32Array); // declared float32
    },
  };
}

/** Each sample's share of the batch, under this name; 0 of one that has no soft labels. */
export function taughtWeightsPart(
  name: string,
  options: SoftObjectiveOptions,
  /** true: unlabelled samples weigh nothing either */
  needsLabels = false,
): FeedPart {
  const { dataset, batchSize, views } = options;
  const isTaught = isTaughtIn(options);
  const counts = (index: number, view: number): boolean =>
    isTaught(index, view) && !(needsLabels && dataset.labels[index] === UNLABELLED);
  return {
    inputs: [{ name, dtype: "float32", shape: [batchSize] }],
    fill: ({ batch, epoch }, [row]) => {
      const each = share(batch);
      const view = views === undefined ? 0 : viewOfEpoch(views, epoch);
      for (const [slot, index] of batch.indices.entries())
        row![slot] = counts(index, view) ? each * batch.weights[slot]! : 0;
    },
  };
}
