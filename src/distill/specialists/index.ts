export { combineSpecialists, type SpecialistOpinion } from "./combine-specialists.ts";
export { type ConfusableOptions, confusableClasses } from "./confusable-classes.ts";
export { type Clusters, type KMeansOptions, kMeans } from "./k-means.ts";
export { predictionCovariance } from "./prediction-covariance.ts";
export { type SpecialData, specialData } from "./special-data.ts";
export { specialistWeights } from "./specialist-weights.ts";
export { assertSpecialists, type SpecialistsSpec } from "./specialists-spec.ts";
export {
  type Specialist,
  type SpecialistsOptions,
  type SpecialistsTeacher,
  specialistsTeacher,
} from "./specialists-teacher.ts";
