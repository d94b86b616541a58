/**
 * @file Adversarial distillation: a discriminator that learns, beside the student, to tell its
 * logits from the teacher's, and the student's term that fools it.
 */

import { teacherColumns } from "../data/index.ts";
import { constant, input, type Value } from "../engine/graph/index.ts";
import { mlp, type ParameterSpec } from "../engine/nn/index.ts";
import {
  add,
  div,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  sqrt,
  stopGradient,
  sub,
} from "../engine/ops/index.ts";
import { schedule } from "../engine/optim/index.ts";
import { scalar } from "../engine/tensor/index.ts";
import type { ObjectiveTerm } from "../engine/train/index.ts";
import { assertInRange, ConfigError } from "../errors/index.ts";
import { columnsOf } from "./class-columns.ts";
import { adversarialLoss, discriminatorLoss, softTargets } from "./losses/index.ts";
import { ensembleMeanOf, type LossTeacher } from "./named-loss.ts";
import {
  type FedObjective,
  type SoftObjectiveOptions,
  taughtWeightsPart,
  teacherLogitsInput,
} from "./objective.ts";
import { scalarsPart } from "./training/dataset-feed.ts";
import { type AdversarialSpec, defaults } from "./training-spec.ts";

const where = "distillation.adversarial";
const sampleWeightsInput = "adversarialSampleWeights";
const weightInput = "adversarialWeight";

/**
 * An objective with two more terms, whose gradients come in the one backward pass of the step:
 *
 *   adversarial    = Σ_b w_b · −ln σ(D(z_b))                          weight: the spec's
 *   discriminator  = Σ_b w_b · (−ln σ(D(v_b)) − ln σ(−D(z_b)))        weight: 1
 *
 * v and z are c / √(1 + ‖c‖²), where c are teacher's and student's softened logits less their mean
 * over the classes, at the T of the distillation term: of an ensemble the logarithms of its
 * combined distribution. So a constant on all logits tells nothing, and both agree where the
 * softened distributions do, and nowhere else. The first term moves the student alone, the second
 * the discriminator alone. Each sample with soft labels counts, with or without label.
 *
 * The authors' discriminator sees logits as they are, also names the sample's class, from its
 * label, and the student learns L1 distances of logits beside it; here labels and the distillation
 * term do that. Logits grow as a student becomes sure, and a discriminator's gradient with them:
 * at the student's learning rate it runs away. v and z are shorter than 1, whatever T and the
 * number of classes are; a short c stays nearly as it is.
 *
 * @param fed as softObjective gives it, of the same options
 * @returns the same objective where no discriminator is asked for
 * @throws ConfigError "config/conflict" for a teacher of independent classes; "config/range" for a
 *   negative weight, or layers without units; "config/type", "config/unknown-name"
 * @see Xu, Hsu, Huang (2018), Training Shallow and Thin Networks for Acceleration via Knowledge
 *   Distillation with Conditional Adversarial Networks, arXiv:1709.00513; Wang et al. (2018),
 *   KDGAN: Knowledge Distillation with Generative Adversarial Networks, NeurIPS
 */
export function withAdversarial(
  { objective, parts }: FedObjective,
  options: SoftObjectiveOptions,
): FedObjective {
  const { spec, softLabels, batchSize } = options;
  if (spec.adversarial === undefined) return { objective, parts };
  const { manifest } = softLabels;
  assertOneDistribution(manifest);
  const { parameters, score } = discriminator(spec.adversarial, manifest.classCount);
  const weightAt = adversarialWeight(spec.adversarial);
  // softObjective has both
  const fed = (name: string): Value => objective.perStep.find((value) => value.name === name)!;
  const sampleWeights = input(sampleWeightsInput, "float32", [batchSize]);
  const weight = input(weightInput, "float32", []);
  const columns = teacherColumns(manifest);
  const terms = (all: Value, parameter: ParameterOf): readonly ObjectiveTerm[] => {
    const logits = columns === null ? all : columnsOf(all, columns); // [batch, teacher's classes]
    const temperature = fed("temperature");
    const targets = softTargets(fed(teacherLogitsInput), temperature, ensembleMeanOf(manifest));
    const [teacher, student] = [shortened(targets), shortened(div(logits, temperature))];
    const fooled = score(student, (name) => stopGradient(parameter(name)));
    const scores = {
      teacher: score(teacher, parameter),
      student: score(stopGradient(student), parameter),
    };
    return [
      { name: "adversarial", loss: adversarialLoss(fooled, { sampleWeights }), weight },
      {
        name: "discriminator",
        loss: discriminatorLoss(scores, { sampleWeights }),
        weight: constant(scalar("float32", 1)),
      },
    ];
  };
  return {
    objective: {
      perStep: [...objective.perStep, sampleWeights, weight],
      parameters,
      terms: (logits, seen, inner) => [
        ...objective.terms(logits, seen, inner),
        ...terms(logits, inner.parameter),
      ],
    },
    parts: [
      ...parts,
      taughtWeightsPart(sampleWeightsInput, options),
      scalarsPart({ [weightInput]: ({ step, totalSteps }) => weightAt(step, totalSteps) }),
    ],
  };
}

type ParameterOf = (name: string) => Value;

/** @returns the weight of the student's term at a step. @throws ConfigError as schedules */
export function adversarialWeight({
  weight = defaults.adversarial.weight,
}: AdversarialSpec): ReturnType<typeof schedule> {
  return schedule(weight, `${where}.weight`, { from: 0 });
}

/** @returns "linear", or the units of its hidden layers: "64-32" */
export function discriminatorName({
  hidden = defaults.adversarial.hidden,
}: AdversarialSpec): string {
  return hidden.length === 0 ? "linear" : hidden.join("-");
}

const discriminatorScope = "discriminator/";

/** @returns whether a parameter of a step is the discriminator's */
export function isDiscriminators({ name }: Pick<ParameterSpec, "name">): boolean {
  return name.startsWith(discriminatorScope);
}

interface Discriminator {
  /** trained beside the student's, and in no file that comes out */
  readonly parameters: readonly ParameterSpec[];
  /** @param x float32 [batch, classes]. @returns float32 [batch] */
  readonly score: (x: Value, parameter: ParameterOf) => Value;
}

function discriminator(
  { hidden = defaults.adversarial.hidden }: AdversarialSpec,
  classes: number,
): Discriminator {
  if (!Array.isArray(hidden))
    throw new ConfigError("config/type", {
      where,
      rule: "hidden must be a list of units",
      got: typeof hidden === "string" ? `"${hidden}"` : String(hidden),
      fix: `Write hidden: [${typeof hidden === "number" ? hidden : defaults.adversarial.hidden}]`,
    });
  for (const units of hidden as readonly number[])
    assertInRange(where, { hidden: units }, { from: 1, isInteger: true });
  const network = mlp({ hidden }, [classes], 1);
  const named = (name: string): string => `${discriminatorScope}${name}`;
  return {
    parameters: network.parameters.map((spec) => ({ ...spec, name: named(spec.name) })),
    score: (x, parameter) => {
      const scores = network.forward(x, {
        training: true,
        parameter: (name) => parameter(named(name)),
        seed: () => input("seed", "uint32", []), // nothing is drawn
        updateStatistic: () => undefined,
      });
      return reshape(scores, [x.shape[0]!]);
    },
  };
}

function assertOneDistribution({ members }: LossTeacher): void {
  if (members[0]?.kind !== "sigmoid") return; // members do not mix it with others
  throw new ConfigError("config/conflict", {
    where,
    rule: "the discriminator compares distributions over all classes, and a teacher that ends in a sigmoid gives each class one of its own",
    got: "a teacher of independent classes",
    fix: "Leave adversarial out",
  });
}

/** @param x float [batch, classes]. @returns v or z, of the formula above */
function shortened(x: Value): Value {
  const of = { axes: [1], keepDims: true };
  const centred = sub(x, reduceMean(x, of));
  return div(centred, sqrt(add(1, reduceSum(mul(centred, centred), of))));
}
