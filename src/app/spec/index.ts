export { type DecoderRecipe, namedCandidates } from "./decoder-schema.ts";
export { recipeJsonSchema } from "./json-schema.ts";
export { namedNetwork, type SearchRecipe, type StudentRecipe } from "./network-schema.ts";
export { parseDataSpec } from "./parse-data-spec.ts";
export { checkRecipe, type PlaceOf, parseRecipe, recipePlaces } from "./parse-recipe.ts";
export {
  type ConvergenceRecipe,
  type Recipe,
  type RecipeProvider,
  recipeProviders,
  type SplitRecipe,
} from "./recipe.ts";
export { resolveRecipe } from "./resolve-recipe.ts";
export { type DataParts, splitData } from "./split-data.ts";
export {
  axisAliases,
  parseAxis,
  type SweepAxis,
  type SweepPoint,
  showValue,
  sweepPoints,
} from "./sweep-axes.ts";
export {
  type CheckpointTeacherRecipe,
  type EnsembleTeacherRecipe,
  type MemberRecipe,
  type ModelTeacherRecipe,
  type SoftLabelsTeacherRecipe,
  type SpecialistsTeacherRecipe,
  type TeacherRecipe,
  type TrainMemberRecipe,
  type TrainTeacherRecipe,
  teacherClassesOf,
} from "./teacher-schema.ts";
export type { TransferRecipe } from "./transfer-schema.ts";
