export { assertGenerated } from "./assert-generated.ts";
export {
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
} from "./generated-spec.ts";
export type { Descent } from "./impressions.ts";
export { promisedSamples } from "./promised-samples.ts";
