/**
 * @file The library's front door: a teacher, a student, data; out comes the distilled student
 * beside its baseline.
 */

import {
  assertGroupsApart,
  type Dataset,
  type SplitOptions,
  type Store,
  seenByTeacher,
  splitDataset,
} from "../data/index.ts";
import type { NetworkSpec } from "../engine/nn/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import type { Shape } from "../engine/tensor/index.ts";
import { assertOptions, ConfigError, type OptionNames } from "../errors/index.ts";
import {
  assertData,
  assertLosses,
  assertOpened,
  assertTeacherChoice,
} from "./distiller-arguments.ts";
import type { DistillEvent } from "./events.ts";
import { assertHasLogits, joinedDistillation } from "./feature-distillation.ts";
import { bestRun } from "./final-stage.ts";
import { LogitsDistillation, type NamedDistillation } from "./logits-distillation.ts";
import type {
  ArmName,
  DistillOptions,
  DistillResult,
  TeacherSource,
  TrainedTeacher,
} from "./options.ts";
import { runDistillation } from "./run-distillation.ts";
import { startingPoints } from "./search/candidates.ts";
import type { StudentSearch } from "./search/plan-search.ts";
import type { SearchResult, SearchTrial } from "./search/search-student.ts";
import { type TeacherThreads, teacherThreads } from "./teachers/local-work.ts";
import type { Teacher } from "./teachers/teacher.ts";
import { type Accuracy, teacherTestAccuracy, testAccuracy } from "./test-accuracy.ts";
import { type Model, writeModel } from "./training/model-file.ts";
import { defaults, type TrainingSpec } from "./training-spec.ts";

/**
 * A teacher that is there, and stays open; a function that opens one for a data set (told the run's
 * threads and whether it will be asked live, which `networkTeacher` and `onnxTeacher` take as they
 * are), which is closed at the end of the run; or one to train first.
 */
export type TeacherChoice =
  | Teacher
  | ((runtime: Runtime, dataset: Dataset, threads: TeacherThreads) => Promise<Teacher>)
  | { readonly train: TrainedTeacher };

export interface DistillerOptions {
  readonly teacher: TeacherChoice;
  /** names of the classes that it knows, where not all of the data's: as DistillOptions */
  readonly teacherClasses?: readonly string[];
  /** may be left out for a search, which then starts from what the samples suggest */
  readonly student?: NetworkSpec;
  /** what students of all arms start from: as DistillOptions */
  readonly start?: Model | "teacher";
  /**
   * default LogitsDistillation(): softened KL at T = 4; a list has one loss of the logits, or none,
   * beside features and an adversarial one
   */
  readonly distillationLoss?: NamedDistillation | readonly NamedDistillation[];
  /** default the loss's own `spec.softWeight`, or 0.9 (Keras: 1 − studentLossWeight = 0.5) */
  readonly distillationLossWeight?: number;
  /** weight of the hard-label loss; default `spec.hardWeight`, or 0.1 (Keras: 0.5) */
  readonly studentLossWeight?: number;
}

export interface DistillerFitOptions extends Partial<TrainingSpec> {
  /** default 1 … 5; fewer than 3 are no result, and the checks say so */
  readonly seeds?: readonly number[];
  /** default distilled and scratch */
  readonly arms?: readonly ArmName[];
  readonly labels?: DistillOptions["labels"];
  readonly tuning?: DistillOptions["tuning"];
  readonly allowLargerStudent?: boolean;
  /**
   * how parts that are not given are split off: `by` as splitDataset has it, by default by group
   * where the data have groups; "sample" also lets the parts that are given share groups
   */
  readonly split?: Pick<SplitOptions, "by" | "duplicates">;
  /** count word errors too, of acoustic models; needs data with recordings in all parts */
  readonly recognition?: DistillOptions["recognition"];
  /** keeps jobs, checkpoints and soft labels, and finds them again */
  readonly store?: Store;
  readonly signal?: AbortSignal;
  /**
   * memory that a training step may take; a larger one is refused ("run/memory") before work
   * starts, with its estimate. Default: whatever it needs; in Node what is free
   */
  readonly memoryBytes?: number;
}

/**
 * Data that is already in parts, or a data set to be split: 10 % validation, 20 % test, by class,
 * seed 0. All or none have teacher inputs (`withTeacherInputs`).
 */
export type DistillerData =
  | Dataset
  | { readonly train: Dataset; readonly validation?: Dataset; readonly test?: Dataset | null };

export interface Distillation {
  /** on the test samples of its classes, where it knows some of the data's alone */
  readonly teacher: Accuracy;
  readonly student: Accuracy;
  /**
   * the same student without a teacher: same initial weights, same epochs; null if that arm was
   * left out
   */
  readonly scratch: Accuracy | null;
  /** the distilled student that was best on validation */
  readonly model: Model;
  /** it as an .onnx file: raw samples in, logits out */
  readonly onnx: Uint8Array;
  /** it as a file that Potstill reads again */
  readonly safetensors: Uint8Array;
  /** everything else: curves, checks, soft labels */
  readonly result: DistillResult;
}

/** What a search brings: the student that it chose, distilled like any other. */
export interface FoundDistillation extends Distillation {
  /** every trial, and which one was taken */
  readonly search: SearchResult;
  /** the one that was taken: its network, its sizes, its validation accuracy in the search */
  readonly found: SearchTrial;
}

const optionNames: OptionNames<DistillerOptions> = {
  teacher: true,
  teacherClasses: true,
  student: true,
  start: true,
  distillationLoss: true,
  distillationLossWeight: true,
  studentLossWeight: true,
};

const defaultEpochs = 20;
const validationShare = 0.1;
const testShare = 0.2;

/**
 * Distils a student from a teacher.
 *
 * @example
 *   const distiller = new Distiller({ teacher, student: { family: "mlp", hidden: [32] } });
 *   const { teacher: t, student: s, scratch } = await distiller.fit(data, { epochs: 20 });
 */
export class Distiller {
  readonly #options: DistillerOptions;
  readonly #runtime: () => Promise<Runtime>;

  /**
   * @param runtime what executes the graphs; asked for once per run, and closed at its end
   * @throws ConfigError "config/type" for a teacher that is none of TeacherChoice
   */
  constructor(options: DistillerOptions, runtime: () => Promise<Runtime>) {
    assertOptions("Distiller", options, optionNames);
    assertTeacherChoice(options.teacher);
    assertLosses(options.distillationLoss);
    this.#options = options;
    this.#runtime = runtime;
  }

  /** Runs to the end. For progress, iterate over `run`. */
  async fit(data: DistillerData, options: DistillerFitOptions = {}): Promise<Distillation> {
    const run = this.run(data, options);
    for (;;) {
      const next = await run.next();
      if (next.done) return next.value;
    }
  }

  /** @returns an async generator of typed events; its return value is the distillation */
  run(
    data: DistillerData,
    options: DistillerFitOptions = {},
  ): AsyncGenerator<DistillEvent, Distillation> {
    return this.#run(data, options);
  }

  /**
   * Finds the student first: candidates around `student`, or around what the samples suggest, that
   * fit the budget, in successive halving on the validation split. The one that is taken is then
   * distilled as by `fit`.
   *
   * @param search as `student: {search: …}` in recipes
   * @param options of all trainings; `epochs` are those of the last rung too
   * @throws ConfigError "search/nothing-fits"; RunError "search/accuracy" if no student reaches
   *   minAccuracy
   */
  async search(
    data: DistillerData,
    search: StudentSearch,
    options: DistillerFitOptions = {},
  ): Promise<FoundDistillation> {
    const run = this.runSearch(data, search, options);
    for (;;) {
      const next = await run.next();
      if (next.done) return next.value;
    }
  }

  /** `search` as an async generator of typed events, "search-start" and "search-end" among them */
  async *runSearch(
    data: DistillerData,
    search: StudentSearch,
    options: DistillerFitOptions = {},
  ): AsyncGenerator<DistillEvent, FoundDistillation> {
    const distillation = yield* this.#run(data, options, search);
    const found = distillation.result.search!; // it was asked for
    return { ...distillation, search: found, found: found.trials[found.chosen]! }; // one of them
  }

  async *#run(
    data: DistillerData,
    options: DistillerFitOptions,
    search?: StudentSearch,
  ): AsyncGenerator<DistillEvent, Distillation> {
    assertData(data);
    const parts = partsOf(data, options.split);
    const students = studentOptions(this.#options.student, parts.train.shape, search);
    const runtime = await this.#runtime();
    try {
      const asked = { ...distillOptions(this.#options, options), ...students };
      const source = await openTeacher(this.#options.teacher, runtime, parts.train, asked);
      const run = runDistillation({ ...asked, runtime, data: parts, teacher: source.teacher });
      try {
        return summary(yield* run, parts.test);
      } finally {
        await source.close().catch(() => undefined); // the run's own end is told
      }
    } finally {
      await runtime.close();
    }
  }
}

/** @throws ConfigError "config/missing" without a student and without a search */
function studentOptions(
  named: NetworkSpec | undefined,
  shape: Shape,
  search: StudentSearch | undefined,
): Pick<DistillOptions, "student" | "search"> {
  if (search === undefined) {
    if (named !== undefined) return { student: named };
    throw new ConfigError("config/missing", {
      where: "Distiller",
      rule: "fit and run need a student",
      got: "none",
      fix: 'Name one: student: { family: "mlp", hidden: [32] }, or call search',
    });
  }
  const around = search.around ?? (named === undefined ? startingPoints(shape) : [named]);
  return { student: named ?? around[0]!, search: { ...search, around } }; // one for every shape
}

/** A run's teacher, and how to close what was opened for it. */
interface OpenedTeacher {
  readonly teacher: TeacherSource;
  readonly close: () => Promise<void>;
}

async function openTeacher(
  choice: TeacherChoice,
  runtime: Runtime,
  dataset: Dataset,
  asked: Pick<DistillOptions, "training" | "distillation">,
): Promise<OpenedTeacher> {
  const staysOpen = async (): Promise<void> => undefined;
  if ("train" in choice)
    return { teacher: { kind: "train", teacher: choice.train }, close: staysOpen };
  if (typeof choice !== "function")
    return { teacher: { kind: "given", teacher: choice }, close: staysOpen };
  const threads = teacherThreads(asked.training, asked);
  const teacher = await choice(runtime, seenByTeacher(dataset), threads);
  assertOpened(teacher);
  return { teacher: { kind: "given", teacher }, close: () => teacher.close() };
}

function distillOptions(
  options: DistillerOptions,
  fit: DistillerFitOptions,
): Omit<DistillOptions, "runtime" | "data" | "teacher" | "student"> {
  const { spec, loss } = joinedDistillation(
    [options.distillationLoss ?? LogitsDistillation()].flat(),
  );
  const { distillationLossWeight: softWeight, studentLossWeight: hardWeight } = options;
  const { teacherClasses, start } = options;
  if (softWeight !== undefined) assertHasLogits(spec);
  const { seeds, arms, labels, tuning, allowLargerStudent, recognition, ...others } = fit;
  const { store, signal, memoryBytes, split: _, ...training } = others;
  return {
    training: { ...training, epochs: training.epochs ?? defaultEpochs },
    distillation: {
      ...spec,
      softWeight: softWeight ?? spec.softWeight ?? defaults.softWeight,
      hardWeight: hardWeight ?? spec.hardWeight ?? defaults.hardWeight,
    },
    ...(loss && { loss }),
    ...(teacherClasses && { teacherClasses }),
    ...(start && { start }),
    arms: arms ?? ["distilled", "scratch"],
    createdBy: "potstill",
    ...(seeds && { seeds }),
    ...(labels && { labels }),
    ...(tuning && { tuning }),
    ...(allowLargerStudent !== undefined && { allowLargerStudent }),
    ...(recognition && { recognition }),
    ...(store && { store }),
    ...(signal && { signal }),
    ...(memoryBytes !== undefined && { memoryBytes }),
  };
}

/**
 * Splits off what is missing; what is given is kept as it is.
 *
 * @throws DataError "data/leak" for given parts that share groups, unless samples are split
 */
function partsOf(
  data: DistillerData,
  by: Pick<SplitOptions, "by" | "duplicates"> = {},
): DistillOptions["data"] {
  const given = "train" in data ? data : { train: data };
  const shared = by.by === "sample" && { splitBySample: true };
  const train = { ...given.train, ...shared };
  const validation = given.validation && { ...given.validation, ...shared };
  const test = given.test && { ...given.test, ...shared };
  if (validation !== undefined) assertGroupsApart({ train, validation });
  if (test) assertGroupsApart({ train, test });
  if (validation !== undefined && test) return { train, validation, test };
  if (validation !== undefined) {
    const split = splitDataset(train, { ...by, seed: 0, validation: testShare });
    return { train: split.train, validation, test: split.validation };
  }
  const split = splitDataset(train, {
    ...by,
    seed: 0,
    validation: validationShare,
    ...(test ? {} : { test: testShare }),
  });
  return { train: split.train, validation: split.validation, test: test ?? split.test! }; // asked for just above
}

function summary(result: DistillResult, test: Dataset): Distillation {
  const logitsOf = (name: ArmName): Float32Array[] | undefined =>
    result.arms.find(({ arm }) => arm === name)?.runs.map(({ testLogits }) => testLogits);
  const distilled = result.arms.find(({ arm }) => arm === "distilled") ?? result.arms[0]!; // at least one arm
  const scratch = logitsOf("scratch");
  const { model } = bestRun(distilled.runs).job;
  return {
    teacher: teacherTestAccuracy(result, test),
    student: testAccuracy(
      distilled.runs.map(({ testLogits }) => testLogits),
      test,
    ),
    scratch: scratch === undefined ? null : testAccuracy(scratch, test),
    model,
    onnx: result.student.bytes,
    safetensors: writeModel(model),
    result,
  };
}
