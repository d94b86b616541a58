/** @file The model that a recipe's students start from. */

import { readFileBytes } from "../../data/sources/index-node.ts";
import { type Model, readModel, teacherOfOtherInputs } from "../../distill/index.ts";
import { ConfigError } from "../../errors/index.ts";
import type { Recipe } from "../spec/index.ts";

const ofTheTeacher = "teacher";

type Parts = Pick<Recipe, "student" | "teacher" | "teacherInputs">;

/**
 * @returns the model in the file that the recipe names, or that its teacher is; "teacher" for the
 *   network that is trained as one; undefined for drawn weights
 * @throws DataError "file/...", "model/..."; ConfigError "config/conflict" for a teacher that is no
 *   network of Potstill's, or sees other inputs than the student
 */
export async function studentStart(recipe: Parts): Promise<Model | "teacher" | undefined> {
  const { teacher, teacherInputs } = recipe;
  if (startOf(recipe) !== ofTheTeacher) return packageStart(recipe);
  if (teacherInputs !== undefined) throw teacherOfOtherInputs("teacherInputs");
  if ("train" in teacher) return ofTheTeacher;
  if ("checkpoint" in teacher) return readStart(teacher.checkpoint);
  throw noNetwork(teacher);
}

/**
 * The same where soft labels alone are the teacher. @throws as studentStart, for "teacher" too
 */
export async function packageStart(recipe: Parts): Promise<Model | undefined> {
  const start = startOf(recipe);
  if (start === ofTheTeacher) throw noNetwork(recipe.teacher);
  return start === undefined ? undefined : readStart(start);
}

/** @returns the file that students start from, where that is one of its own */
export function startFile(recipe: Pick<Recipe, "student">): string | undefined {
  const start = startOf(recipe);
  return start === ofTheTeacher ? undefined : start;
}

const startOf = ({ student }: Pick<Recipe, "student">): string | undefined =>
  "start" in student ? student.start : undefined;

async function readStart(file: string): Promise<Model> {
  return readModel(await readFileBytes(file, "a model to start from"), file);
}

function noNetwork(teacher: Recipe["teacher"]): ConfigError {
  return new ConfigError("config/conflict", {
    where: "student.start",
    rule: '"teacher" must be one network of Potstill\'s: train or checkpoint',
    got: `a teacher of ${Object.keys(teacher).join(", ")}`,
    fix: "Name the .safetensors file to start from",
  });
}
