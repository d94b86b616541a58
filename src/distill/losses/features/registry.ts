/** @file The closed registry of feature losses, and feature losses as data. */

import type { Value } from "../../../engine/graph/index.ts";
import { ShapeError, unknownName } from "../../../errors/index.ts";
import type { SampleWeighting } from "../weighted-sum.ts";
import { attentionLoss } from "./attention-loss.ts";
import { gramLoss } from "./gram-loss.ts";
import { type GraphOptions, graphLoss } from "./graph-loss.ts";
import { hintLoss } from "./hint-loss.ts";
import { type RelationOptions, relationLoss } from "./relation-loss.ts";
import { similarityLoss } from "./similarity-loss.ts";

/**
 * @param student float32 outputs of as many of the student's layers as the loss asks for
 * @param teacher float32 outputs of the teacher's layers that belong to them
 * @returns float32 []
 * @throws ShapeError "shape/operands" for another number of layers, and what the formula refuses
 */
export type FeatureLoss = (
  student: readonly Value[],
  teacher: readonly Value[],
  context: SampleWeighting,
) => Value;

/** Options of each feature loss, by its name. */
export interface FeatureLossOptions {
  /** squared difference of features (FitNets) */
  readonly hint: object;
  /** where a layer is active (AT) */
  readonly attention: object;
  /** which samples of a batch are alike (SP) */
  readonly similarity: object;
  /** distances and angles between the samples of a batch (RKD) */
  readonly relation: Omit<RelationOptions, keyof SampleWeighting>;
  /** the samples of a batch as a graph (GKD) */
  readonly graph: Omit<GraphOptions, keyof SampleWeighting>;
  /** inner products of two layers' channels (FSP) */
  readonly gram: object;
}

export type FeatureLossName = keyof FeatureLossOptions;

/** A feature loss as data: what recipes hold. */
export type FeatureLossSpec<N extends FeatureLossName = FeatureLossName> = {
  [K in N]: { readonly name: K } & FeatureLossOptions[K];
}[N];

export interface FeatureLossEntry<O> {
  /**
   * beside logits, under Adam: a thousandth of what public implementations have under SGD beside a
   * cross-entropy of weight 1; of relation, whose options are weights, all of it (see
   * bench/features.mjs)
   */
  readonly defaultWeight: number;
  /** true: it compares samples of a batch with one another, so it is no sum over its parts */
  readonly relatesSamples: boolean;
  /** how many layers of each model it takes */
  readonly layers: 1 | 2;
  /** true: it compares maps, which have places and channels */
  readonly ofMaps: boolean;
  readonly build: (options: O) => FeatureLoss;
}

type Registry = {
  readonly [N in FeatureLossName]: FeatureLossEntry<FeatureLossOptions[N]>;
};

/** Every feature loss that a recipe can name. */
export const featureLosses: Registry = {
  hint: { ...ofOneLayer("hint", hintLoss), defaultWeight: 0.1 },
  attention: { ...ofOneLayer("attention", attentionLoss), defaultWeight: 1, ofMaps: true },
  similarity: {
    ...ofOneLayer("similarity", similarityLoss),
    defaultWeight: 3,
    relatesSamples: true,
  },
  // its options are the weights
  relation: { ...ofOneLayer("relation", relationLoss), defaultWeight: 1, relatesSamples: true },
  graph: { ...ofOneLayer("graph", graphLoss), defaultWeight: 0.025, relatesSamples: true },
  gram: {
    defaultWeight: 0.05,
    relatesSamples: false,
    layers: 2,
    ofMaps: true,
    build: () => (student, teacher, context) => {
      assertLayers("gram", 2, student, teacher);
      // two of each
      return gramLoss([student[0]!, student[1]!], [teacher[0]!, teacher[1]!], context);
    },
  },
};

/**
 * @param spec name and options
 * @returns the loss that a spec names
 * @throws ConfigError "config/unknown-name"; the returned loss throws what its formula refuses
 */
export function buildFeatureLoss<N extends FeatureLossName>(spec: FeatureLossSpec<N>): FeatureLoss {
  const { name, ...options } = spec;
  if (!Object.hasOwn(featureLosses, name))
    throw unknownName("feature loss", "loss", name, Object.keys(featureLosses));
  const entry: FeatureLossEntry<FeatureLossOptions[N]> = featureLosses[name];
  // what remains of a spec without its name is that loss's options
  return entry.build(options as unknown as FeatureLossOptions[N]);
}

/** @returns the entry of a loss that takes one layer, its options and the weights in one object */
function ofOneLayer<O extends object>(
  name: FeatureLossName,
  loss: (student: Value, teacher: Value, options: O & SampleWeighting) => Value,
): Omit<FeatureLossEntry<O>, "defaultWeight"> {
  return {
    relatesSamples: false,
    layers: 1,
    ofMaps: false,
    build: (options) => (student, teacher, context) => {
      assertLayers(name, 1, student, teacher);
      return loss(student[0]!, teacher[0]!, { ...options, ...context });
    },
  };
}

/** @throws ShapeError "shape/operands" */
function assertLayers(
  name: FeatureLossName,
  layers: 1 | 2,
  student: readonly Value[],
  teacher: readonly Value[],
): void {
  if (student.length === layers && teacher.length === layers) return;
  throw new ShapeError("shape/operands", {
    where: `feature loss "${name}"`,
    rule: `it takes ${layers === 1 ? "one layer" : "two layers"} of each model`,
    got: `${student.length} of the student and ${teacher.length} of the teacher`,
    fix: `Name ${layers === 1 ? "one" : "two"} of each`,
    details: { name, layers, student: student.length, teacher: teacher.length },
  });
}
