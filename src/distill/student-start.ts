/** @file The model that a run's students start from: is it of their network, and of their data? */

import type { Dataset } from "../data/index.ts";
import { ConfigError } from "../errors/index.ts";
import { printGraph } from "../graph/index.ts";
import { buildNetwork, type NetworkSpec } from "../nn/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { inferenceGraph, type Model } from "../train/index.ts";
import { extendClasses } from "./extend-classes.ts";
import type { DistillOptions } from "./options.ts";
import { assertModelFits } from "./teachers/assert-model-fits.ts";

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
 * @throws ConfigError "config/start" for a model of another network, of samples that are turned
 *   into numbers otherwise, or of a class that the data have not; DataError "teacher/input-shape",
 *   "teacher/vocabulary", "teacher/frames" as assertModelFits
 */
export function assertStartModel(model: Model, { network, train }: Omit<Started, "seed">): void {
  assertModelFits(model, "student.start", { ...train, classNames: model.classNames });
  assertSameNetwork(model, { network, train });
  extendClasses(model, train.classNames, 0); // refuses classes
}

/**
 * Refuses, before work starts, what students cannot start from.
 *
 * @throws as assertStartModel; ConfigError "config/conflict" for a teacher that is not one network
 *   trained in this run, and for a student that is to be searched for
 */
export function assertStudentStart(options: DistillOptions): void {
  const { start, student: network, search } = options;
  const { train } = options.data;
  if (start === undefined) return;
  if (search !== undefined)
    throw new ConfigError("config/conflict", {
      where: "student.start",
      rule: "a start is of one network",
      got: "a student to be searched for",
      fix: "Leave one of them out",
    });
  if (start !== "teacher") assertStartModel(start, { network, train });
  else {
    const spec = trainedNetwork(options);
    assertSameNetwork({ spec, sample: train, ...train }, { network, train });
  }
}

function trainedNetwork({ teacher }: DistillOptions): NetworkSpec {
  const members = teacher.kind === "train" ? (teacher.teacher.members ?? 1) : null;
  if (teacher.kind === "train" && members === 1) return teacher.teacher.network;
  throw new ConfigError("config/conflict", {
    where: "student.start",
    rule: '"teacher" is the one network that this run trains as the teacher',
    got: members === null ? "another kind of teacher" : `${members} networks`,
    fix: "Give the model to start from, or a teacher that is one network",
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
    where: "student.start",
    rule: `the model must be of the student's network, ${own.words}`,
    got: `${other.words}, ${JSON.stringify(spec)}`,
    fix: "Give the student that network, or start from another model",
  });
}
