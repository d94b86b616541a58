/** @file The network that a point of a sweep trains. */

import type { Recipe } from "../../config/index.ts";
import { ConfigError } from "../../errors/index.ts";
import type { NetworkSpec } from "../../nn/index.ts";

/** @throws ConfigError "config/conflict" for a recipe that searches its student */
export function sweptStudent({ student }: Pick<Recipe, "student">): NetworkSpec {
  if ("family" in student && !("search" in student)) return student;
  throw new ConfigError("config/conflict", {
    where: "sweep, student",
    rule: "a sweep needs a student that is named; search looks for one by itself",
    got: "student.search",
    fix: "Leave search out and sweep student.width, or run the recipe with potstill distill",
  });
}
