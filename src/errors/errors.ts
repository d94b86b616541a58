/**
 * @file The error families. The family says what kind of thing was wrong, the code says which rule.
 */

import { DistillError } from "./distill-error.ts";

/** A tensor's shape breaks a rule (`shape/...`). */
export class ShapeError extends DistillError {
  override readonly name = "ShapeError";
}

/** A tensor's dtype breaks a rule (`dtype/...`). */
export class DTypeError extends DistillError {
  override readonly name = "DTypeError";
}

/**
 * A graph is not well formed, or an operator cannot do what is asked of it (`graph/...`, `op/...`).
 */
export class GraphError extends DistillError {
  override readonly name = "GraphError";
}

/** An option, a recipe field or a command-line word is wrong (`config/...`). */
export class ConfigError extends DistillError {
  override readonly name = "ConfigError";
}

/**
 * A data file, sample, label, package or checkpoint is wrong (`data/...`, `package/...`,
 * `file/...`).
 */
export class DataError extends DistillError {
  override readonly name = "DataError";
}

/** A network or a range of numbers cannot be brought to int8 (`quantize/...`). */
export class QuantizeError extends DistillError {
  override readonly name = "QuantizeError";
}

/** A model cannot be exported as asked (`export/...`). */
export class ExportError extends DistillError {
  override readonly name = "ExportError";
}

/** The inference runtime is missing, or refused a model (`backend/...`). */
export class BackendError extends DistillError {
  override readonly name = "BackendError";
}

/** Work that had started failed or was stopped (`run/...`). */
export class RunError extends DistillError {
  override readonly name = "RunError";
}
