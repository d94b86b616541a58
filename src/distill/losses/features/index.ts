export { attentionLoss } from "./attention-loss.ts";
export { gramLoss, type LayerPair } from "./gram-loss.ts";
export { type GraphOptions, graphLoss } from "./graph-loss.ts";
export { hintLoss } from "./hint-loss.ts";
export {
  buildFeatureLoss,
  type FeatureLoss,
  type FeatureLossEntry,
  type FeatureLossName,
  type FeatureLossOptions,
  type FeatureLossSpec,
  featureLosses,
} from "./registry.ts";
export { type RelationOptions, relationLoss } from "./relation-loss.ts";
export { similarityLoss } from "./similarity-loss.ts";
