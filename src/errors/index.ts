export { assertOptions, type OptionNames } from "./assert-options.ts";
export { assertInRange, type Range } from "./assert-range.ts";
export { DistillError, type ErrorParts, errorSentence, isDistillError } from "./distill-error.ts";
export {
  BackendError,
  ConfigError,
  DataError,
  DTypeError,
  ExportError,
  GraphError,
  QuantizeError,
  RunError,
  ShapeError,
} from "./errors.ts";
export { assertKnown, nearestName, unknownName } from "./nearest-name.ts";
