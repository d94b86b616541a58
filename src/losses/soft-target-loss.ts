/** @file Softened-KL distillation loss on logits (response-based distillation). */

import { ShapeError } from "../errors/index.ts";
import type { Value } from "../graph/index.ts";
import { div, exp, logSoftmax, mul, reduceSum, sub } from "../ops/index.ts";
import { showShape } from "../tensor/index.ts";
import { type EnsembleMean, softTargets } from "./soft-targets.ts";
import { assertTemperature, type Temperature } from "./temperature.ts";
import { type SampleWeighting, weightedSum } from "./weighted-sum.ts";

export interface SoftTargetOptions extends SampleWeighting {
  /** T > 0; default 4, the field's setting */
  readonly temperature?: Temperature;
  /** multiply by T² so that the gradient's size does not fall with T; default true */
  readonly scaleByTemperatureSquared?: boolean;
  /** how an ensemble's members are averaged; default "arithmetic" */
  readonly ensembleMean?: EnsembleMean;
}

/**
 * Distance between the teacher's and the student's softened class distributions.
 *
 *   p = softmax(teacherLogits / T)      q = softmax(studentLogits / T)
 *   L = T² · Σ_b w_b Σ_class p · (log p − log q)          [nats]
 *
 * Direction is KL(teacher ‖ student). T² keeps the gradient's size about constant as T grows, so the term can be added to
 * a hard-label loss. With the default weights (1/batch) L is the mean over the batch. L = 0 exactly when both
 * distributions agree. The teacher receives no gradient.
 *
 * @param studentLogits float32 [batch, classes], unnormalised
 * @param teacherLogits float32 [batch, classes], or [batch, members, classes] for an ensemble; unnormalised
 * @returns float32 [], ≥ 0 up to rounding
 * @throws ShapeError "shape/mismatch" if batch or classes differ; ConfigError "config/range" if T ≤ 0
 * @see Hinton, Vinyals, Dean (2015), Distilling the Knowledge in a Neural Network, §2, arXiv:1503.02531
 */
export function softTargetLoss(
  studentLogits: Value,
  teacherLogits: Value,
  options: SoftTargetOptions = {},
): Value {
  const { temperature = 4, scaleByTemperatureSquared = true, ensembleMean } = options;
  assertTemperature("softTargetLoss", temperature);
  assertSameClasses("softTargetLoss", studentLogits, teacherLogits);
  const logP = softTargets(teacherLogits, temperature, ensembleMean); // [batch, classes]
  const logQ = logSoftmax(div(studentLogits, temperature), -1); // [batch, classes]
  const perSample = reduceSum(mul(exp(logP), sub(logP, logQ)), { axes: [1], keepDims: false }); // [batch]
  const kl = weightedSum("softTargetLoss", perSample, options); // []
  if (!scaleByTemperatureSquared) return kl;
  return typeof temperature === "number"
    ? mul(kl, temperature ** 2)
    : mul(kl, mul(temperature, temperature));
}

/** @throws ShapeError "shape/mismatch" unless batch and classes agree */
export function assertSameClasses(where: string, studentLogits: Value, teacherLogits: Value): void {
  const student = studentLogits.shape;
  const teacher = teacherLogits.shape;
  if (student.length !== 2 || student[0] !== teacher[0] || student[1] !== teacher.at(-1))
    throw new ShapeError("shape/mismatch", {
      where,
      rule: "studentLogits [batch, classes] and teacherLogits must agree in batch and classes",
      got: `${showShape(student)} and ${showShape(teacher)}`,
      fix: "Give both models the same classes in the same order",
      details: { shapes: [student, teacher] },
    });
}
