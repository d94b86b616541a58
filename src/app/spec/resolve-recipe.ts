/** @file A recipe with its defaults written out: what a run folder keeps. */

import { armNames, defaults } from "../../distill/index.ts";
import { type Recipe, recipeSchema } from "./recipe.ts";

/**
 * @returns the recipe with the defaults that decide a run's results, in the order of the schema
 */
export function resolveRecipe(recipe: Recipe): Recipe {
  const { name, description, data, teacherInputs, ...others } = recipe;
  const { labelled, transfer, teacher, student, ...rest } = others;
  const { adversarial } = recipe.distillation ?? {};
  return recipeSchema.parse({
    name,
    ...(description !== undefined && { description }),
    ...(data && { data }),
    ...(teacherInputs && { teacherInputs }),
    split: { validation: 0.1, seed: 1, ...recipe.split },
    ...(labelled !== undefined && { labelled }),
    ...(transfer && { transfer }),
    teacher,
    student,
    ...rest,
    training: {
      batchSize: defaults.batchSize,
      learningRate: defaults.learningRate,
      ...recipe.training,
    },
    distillation: {
      loss: "softTargets",
      temperature: defaults.temperature,
      softWeight: defaults.softWeight,
      hardWeight: defaults.hardWeight,
      scaleByTemperatureSquared: true,
      ...recipe.distillation,
      ...(adversarial && { adversarial: { ...defaults.adversarial, ...adversarial } }),
    },
    labels: { precision: "float16", ...recipe.labels },
    seeds: recipe.seeds ?? [1, 2, 3, 4, 5],
    arms: recipe.arms ?? (transfer?.generated === undefined ? armNames : ["distilled"]),
    threads: recipe.threads ?? 1,
  });
}
