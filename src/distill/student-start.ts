/** @file The model that a run's students start from: is it of their network, and of their data? */

import type { Dataset } from "../data/index.ts";
import { printGraph } from "../engine/graph/index.ts";
import { buildNetwork, type NetworkSpec } from "../engine/nn/index.ts";
import type { Tensor } from "../engine/tensor/index.ts";
import { inferenceGraph } from "../engine/train/index.ts";
import { ConfigError } from "../errors/index.ts";
import { assertExtends, extendClasses } from "./extend-classes.ts";
import type { DistillOptions } from "./options.ts";
import { assertModelFits } from "./teachers/assert-model-fits.ts";
import { type Model, modelHash } from "./training/model-file.ts";

const where = "student.start";

/** @returns the identity of the model that was given to start from; null for none or the teacher */
export function givenStartHash({ start }: Pick<DistillOptions, "start">): string | null {
  return start === undefined || start === "teacher" ? null : modelHash(start);
}

/** What is trained from a start. */
interface Started {
  readonly network: NetworkSpec;
  readonly train: Dataset;
  readonly seed: number;
}

/**
 * @returns first weights of a training, for `Job.start`: the model's, with the data's classes
 * @throws as assertStartModel
 */
export function startWeights(model: Model, job: Started): ReadonlyMap<string, Tensor> {
  assertStartModel(model, job);
  return extendClasses(model, job.train.classNames, job.seed).weights;
}

/**
 * @throws ConfigError "config/type" for what is no model; "config/start" for one of another
 *   network, of samples that are turned into numbers otherwise, or of a class that the data have
 *   not; DataError "model/weights"; "teacher/input-shape", "teacher/vocabulary", "teacher/frames"
 *   as assertModelFits
 */
export function assertStartModel(model: Model, { network, train }: Omit<Started, "seed">): void {
  assertIsModel(model);
  assertModelFits(model, where, { ...train, classNames: model.classNames });
  assertSameNetwork(model, { network, train });
  assertExtends(model, train.classNames, where);
}

/**
 * Refuses, before work starts, what students cannot start from.
 *
 * @throws as assertStartModel; ConfigError "config/conflict" for a teacher that is not one network
 *   trained in this run or sees other inputs, and for a student that is to be searched for
 */
export function assertStudentStart(options: DistillOptions): void {
  const { start, student: network, search } = options;
  const { train } = options.data;
  if (start === undefined) return;
  if (search !== undefined)
    throw new ConfigError("config/conflict", {
      where,
      rule: "a start is of one network",
      got: "a student to be searched for",
      fix: "Leave one of them out",
    });
  if (start !== "teacher") assertStartModel(start, { network, train });
  else {
    const spec = trainedNetwork(options);
    if (train.teacherInputs !== undefined) throw teacherOfOtherInputs(train.teacherInputs.name);
    assertSameNetwork({ spec, sample: train, ...train }, { network, train });
  }
}

/** @returns the refusal of a teacher's weights where the teacher sees other inputs */
export function teacherOfOtherInputs(inputs: string): ConfigError {
  return new ConfigError("config/conflict", {
    where,
    rule: "students start from weights that were learned on what they see themselves",
    got: `the teacher, which sees ${inputs}`,
    fix: "Give a model of the student's own inputs, or leave teacherInputs or start out",
  });
}

function trainedNetwork({ teacher }: DistillOptions): NetworkSpec {
  const members = teacher.kind === "train" ? (teacher.teacher.members ?? 1) : null;
  if (teacher.kind === "train" && members === 1) return teacher.teacher.network;
  throw new ConfigError("config/conflict", {
    where,
    rule: '"teacher" is the one network that this run trains as the teacher',
    got: members === null ? "another kind of teacher" : `${members} networks`,
    fix: "Give the model to start from, or a teacher that is one network",
  });
}

/** @throws ConfigError "config/type" for what code without types may give */
function assertIsModel(model: unknown): void {
  const fields = ["spec", "sample", "preprocessing", "classNames", "weights"];
  const own = Object(model) as Readonly<Record<string, unknown>>; // any value has it, perhaps undefined
  const isThere = (field: string): boolean =>
    field === "weights" ? own[field] instanceof Map : own[field] !== undefined;
  const missing = fields.filter((field) => !isThere(field));
  if (missing.length === 0) return;
  throw new ConfigError("config/type", {
    where,
    rule: 'start is a model, or "teacher"',
    got: typeof model === "object" ? `an object without ${missing.join(", ")}` : String(model),
    fix: "Give what readModel returns of a .safetensors file",
  });
}

/** Two networks are the same where their graphs are, each with the data's number of classes. */
function assertSameNetwork(
  { spec, sample, preprocessing }: Pick<Model, "spec" | "sample" | "preprocessing">,
  { network, train }: Omit<Started, "seed">,
): void {
  const about = (of: NetworkSpec, form: Pick<Model, "sample" | "preprocessing">) => {
    const built = buildNetwork(of, form.sample.shape, train.classNames.length);
    const graph = inferenceGraph({ network: built, ...form, batchSize: 1 });
    const { scale, offset } = form.preprocessing;
    const words = `${built.name} of samples times ${scale} plus ${offset}`;
    return { text: printGraph(graph), words };
  };
  const own = about(network, { sample: train, preprocessing: train.preprocessing });
  const other = about(spec, { sample, preprocessing });
  if (own.text === other.text) return;
  throw new ConfigError("config/start", {
    where,
    rule: `the model must be of the student's network, ${own.words}`,
    got: `${other.words}, ${JSON.stringify(spec)}`,
    fix: "Give the student that network, or start from another model",
  });
}
