/**
 * @file The terms that make inner layers of the student like the teacher's, and what feeds them.
 */

import type { Dataset } from "../../data/index.ts";
import { input, type Value } from "../../engine/graph/index.ts";
import { layerShapes, type Network, type ParameterSpec } from "../../engine/nn/index.ts";
import { schedule } from "../../engine/optim/index.ts";
import { type Shape, showShape } from "../../engine/tensor/index.ts";
import type { InnerValues, ObjectiveTerm } from "../../engine/train/index.ts";
import { assertKnown, ConfigError, ShapeError, unknownName } from "../../errors/index.ts";
import { share } from "../hard-term.ts";
import {
  buildFeatureLoss,
  type FeatureLossName,
  type FeatureLossSpec,
  featureLosses,
} from "../losses/index.ts";
import type { FedObjective } from "../objective.ts";
import { type FeedPart, scalarsPart, type Views, viewOfEpoch } from "../training/dataset-feed.ts";
import type { FeatureSpec } from "../training-spec.ts";
import type { OpenFeatures } from "./open-features.ts";
import { type Projector, projector } from "./projector.ts";

/** Pairs of layers, and the teacher's side of them. */
export interface FeatureSource {
  readonly specs: readonly FeatureSpec[];
  /** opened for the pairs' layers */
  readonly open: OpenFeatures;
}

interface FeatureContext {
  /** the student */
  readonly network: Network;
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly views: Views | undefined;
}

/** Terms without what feeds them. */
interface FeatureTerms {
  readonly perStep: readonly Value[];
  /** regressors */
  readonly parameters: readonly ParameterSpec[];
  readonly terms: (inner: InnerValues) => readonly ObjectiveTerm[];
}

const sampleWeightsInput = "featureSampleWeights";

/** @returns the loss of a pair, with its options. @throws ConfigError "config/unknown-name" */
export function featureLossOf({ loss = "hint" }: FeatureSpec): FeatureLossSpec {
  const named = typeof loss === "object" && loss !== null ? loss : { name: loss };
  assertKnown("distillation.features", "loss", named.name, Object.keys(featureLosses));
  return named;
}

/** @returns the layers that a side names, in order */
export function layersOf(side: FeatureSpec["student"]): readonly string[] {
  return typeof side === "string" ? [side] : side;
}

/** @returns the names of the teacher's layers, each once */
export function teacherLayers(specs: readonly FeatureSpec[]): readonly string[] {
  return [...new Set(specs.flatMap(({ teacher }) => layersOf(teacher)))];
}

/** @returns the name of the n-th pair's term, from 0: its metric */
export function featureTermName(at: number): string {
  return `feature${at + 1}`;
}

const weightName = (at: number): string => `${featureTermName(at)}Weight`;
const teacherInput = (layer: string): string => `teacherFeature:${layer}`;

/**
 * An objective with one more term for each pair, each with its own weight. The teacher is asked
 * about each batch as the student sees it.
 *
 * @throws ConfigError "config/unknown-name" for a loss or a layer; "config/conflict" for a pair
 *   that its loss cannot compare, "config/range"; ShapeError as the losses, when terms are built
 */
export function withFeatures(
  { objective, parts }: FedObjective,
  source: FeatureSource,
  context: FeatureContext,
): FedObjective {
  const { perStep, parameters, terms } = featureTerms(source, context);
  return {
    objective: {
      perStep: [...objective.perStep, ...perStep],
      parameters: [...(objective.parameters ?? []), ...parameters],
      terms: (logits, seen, inner) => [...objective.terms(logits, seen, inner), ...terms(inner)],
    },
    parts: [...parts, ...featureParts(source, context)],
  };
}

function featureTerms({ specs, open }: FeatureSource, context: FeatureContext): FeatureTerms {
  const { network, batchSize } = context;
  const shapes = { student: layerShapes(network), teacher: open.shapes };
  const pairs = specs.map((spec, at) => pairOf(spec, at, { ...shapes, of: network.name }));
  const fed = new Map(
    teacherLayers(specs).map((layer) => {
      const shape = [batchSize, ...open.shapes.get(layer)!]; // pairOf has looked
      return [layer, input(teacherInput(layer), "float32", shape)];
    }),
  );
  const sampleWeights = input(sampleWeightsInput, "float32", [batchSize]);
  const weights = specs.map((_, at) => input(weightName(at), "float32", []));
  return {
    perStep: [...fed.values(), sampleWeights, ...weights],
    parameters: pairs.flatMap(({ regressor }) => regressor?.parameters ?? []),
    terms: ({ feature, parameter }) =>
      pairs.map((pair, at) => {
        const { spec, regressor, loss } = pair;
        const own = layersOf(spec.student).map(feature);
        const students = own.map((value) => regressor?.apply(value, parameter) ?? value);
        const teachers = layersOf(spec.teacher).map((layer) => fed.get(layer)!); // of all pairs
        const value = fitting(pair, () => loss(students, teachers, { sampleWeights }));
        return { name: featureTermName(at), loss: value, weight: weights[at]! }; // one each
      }),
  };
}

/** What a loss refuses says of which pair it is. @throws ShapeError, ConfigError of its own code */
function fitting<T>({ where, spec }: Pair, build: () => T): T {
  try {
    return build();
  } catch (cause) {
    if (!(cause instanceof ShapeError || cause instanceof ConfigError)) throw cause;
    const said = cause.message.replace(/\.$/, "");
    const { code, details } = cause;
    if (cause instanceof ConfigError)
      throw new ConfigError(code, { where, rule: said, details, cause });
    throw new ShapeError(code, {
      where,
      rule: `${featureLossOf(spec).name} must fit the layers that are named`,
      got: said,
      fix: "Name other layers, or another loss",
      details,
      cause,
    });
  }
}

interface Pair {
  readonly spec: FeatureSpec;
  /** names it in messages */
  readonly where: string;
  readonly regressor: Projector | null;
  readonly loss: ReturnType<typeof buildFeatureLoss>;
}

/** Shapes of one sample, by the layer's name. */
type LayerShapes = ReadonlyMap<string, Shape>;

function pairOf(
  spec: FeatureSpec,
  at: number,
  shapes: Readonly<Record<"student" | "teacher", LayerShapes>> & { readonly of: string },
): Pair {
  const where = `distillation.features of ${shapes.of}, pair ${at + 1}`;
  const named = featureLossOf(spec);
  const loss = buildFeatureLoss(named);
  const { layers, ofMaps } = featureLosses[named.name];
  const found = (side: "student" | "teacher"): readonly Shape[] => {
    const names = layersOf(spec[side]);
    if (names.length !== layers) throw wrongCount(`${where}, ${side}`, named.name, names);
    const known = shapes[side];
    for (const name of names)
      if (!known.has(name))
        throw unknownName(where, `layer of the ${side}`, name, [...known.keys()]);
    return names.map((name) => known.get(name)!); // just seen
  };
  const [student, teacher] = [found("student"), found("teacher")];
  if (ofMaps) assertMaps(where, named.name, [...student, ...teacher]);
  if (named.name !== "hint") return { spec, where, regressor: null, loss };
  const pair = { student: student[0]!, teacher: teacher[0]! }; // a hint is of one layer
  return {
    spec,
    where,
    regressor: projector(`${featureTermName(at)}/regressor`, pair, where),
    loss,
  };
}

function wrongCount(where: string, name: FeatureLossName, got: readonly string[]): ConfigError {
  const { layers } = featureLosses[name];
  return new ConfigError("config/conflict", {
    where,
    rule: `${name} compares ${layers === 1 ? "one layer" : "the way from one layer to another: two layers"} of each`,
    got: got.join(", "),
    fix: `Name ${layers}`,
  });
}

/** Of two axes nothing says whether they are [channels, length] or [positions, width]. */
function assertMaps(where: string, name: FeatureLossName, shapes: readonly Shape[]): void {
  if (shapes.every(({ length }) => length === 3)) return;
  throw new ConfigError("config/conflict", {
    where,
    rule: `${name} compares maps [channels, height, width]`,
    got: shapes.map(showShape).join(" and "),
    fix: "Name layers of images, or use hint, similarity, relation or graph",
    details: { shapes },
  });
}

/** What feeds the terms. */
function featureParts(
  { specs, open }: FeatureSource,
  { dataset, batchSize, views }: FeatureContext,
): readonly FeedPart[] {
  const layers = teacherLayers(specs);
  const ask = open.reader(dataset, {
    seed: views?.seed ?? 0,
    augmentation: views?.augmentation ?? null,
    pool: views?.pool,
  });
  const features: FeedPart = {
    inputs: layers.map((layer) => ({
      name: teacherInput(layer),
      dtype: "float32",
      shape: [batchSize, ...open.shapes.get(layer)!], // opened for these layers
    })),
    fill: async ({ batch, epoch }, rows) => {
      const view = views === undefined ? 0 : viewOfEpoch(views, epoch);
      await ask(batch.indices, view, rows as readonly Float32Array[]); // declared float32
    },
  };
  const weights: FeedPart = {
    inputs: [{ name: sampleWeightsInput, dtype: "float32", shape: [batchSize] }],
    fill: ({ batch }, [row]) => {
      const each = share(batch);
      for (const [slot, weight] of batch.weights.entries()) row![slot] = each * weight;
    },
  };
  return [features, weights, scalarsPart(scheduledWeights(specs))];
}

/** @throws ConfigError "config/range" for a negative weight; "config/unknown-name" */
function scheduledWeights(specs: readonly FeatureSpec[]): Parameters<typeof scalarsPart>[0] {
  return Object.fromEntries(
    specs.map((spec, at) => {
      const value = featureWeight(spec, at);
      return [weightName(at), ({ step, totalSteps }) => value(step, totalSteps)];
    }),
  );
}

/** @returns the weight of a pair's term at a step; errors as above */
export function featureWeight(spec: FeatureSpec, at: number): ReturnType<typeof schedule> {
  const { weight = featureLosses[featureLossOf(spec).name].defaultWeight } = spec;
  return schedule(weight, `distillation.features, pair ${at + 1}, weight`, { from: 0 });
}
