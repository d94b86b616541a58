export { assertGenerated } from "./assert-generated.ts";
export {
  distinctSamples,
  type GenerateEvent,
  type GenerateOptions,
  generateAllSamples,
  generateSamples,
} from "./generate-samples.ts";
export {
  type GeneratedSpec,
  generatedKinds,
  type ImpressionsSpec,
  type NoiseSpec,
  type SampleLike,
  settledSpec,
} from "./generated-spec.ts";
export type { Descent } from "./impressions.ts";
export { promisedSamples } from "./promised-samples.ts";
