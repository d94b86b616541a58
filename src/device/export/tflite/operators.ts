/** @file TensorFlow Lite's operators that int8 networks become. */

/**
 * Each operator's code, the lowest version whose kernel takes int8 as we use it, and the first
 * TensorFlow Lite that has that version.
 *
 * @see TensorFlow Lite, schema.fbs, op_version.cc and runtime_version.cc
 */
export const operators = {
  ADD: { code: 0, version: 2, since: "1.14.0" },
  AVERAGE_POOL_2D: { code: 1, version: 2, since: "1.14.0" },
  CONCATENATION: { code: 2, version: 2, since: "1.14.0" },
  CONV_2D: { code: 3, version: 3, since: "1.14.0" },
  DEPTHWISE_CONV_2D: { code: 4, version: 3, since: "1.14.0" },
  FULLY_CONNECTED: { code: 9, version: 4, since: "1.14.0" },
  /** a scale per output; older runtimes would take the first for all */
  FULLY_CONNECTED_PER_CHANNEL: { code: 9, version: 12, since: "2.17.0" },
  MAX_POOL_2D: { code: 17, version: 2, since: "1.14.0" },
  RELU: { code: 19, version: 2, since: "2.1.0" },
  RELU6: { code: 21, version: 2, since: "1.14.0" },
  RESHAPE: { code: 22, version: 1, since: "1.5.0" },
  SOFTMAX: { code: 25, version: 2, since: "1.14.0" },
  PAD: { code: 34, version: 2, since: "1.14.0" },
  GATHER: { code: 36, version: 2, since: "1.14.0" },
  TRANSPOSE: { code: 39, version: 2, since: "1.14.0" },
  CAST: { code: 53, version: 1, since: "1.5.0" },
  MAXIMUM: { code: 55, version: 2, since: "1.14.0" },
  ARG_MAX: { code: 56, version: 2, since: "1.14.0" },
  MINIMUM: { code: 57, version: 2, since: "1.14.0" },
  PADV2: { code: 60, version: 2, since: "1.14.0" },
  QUANTIZE: { code: 114, version: 2, since: "1.15.0" },
  HARD_SWISH: { code: 117, version: 1, since: "1.15.0" },
} as const;

export type OperatorName = keyof typeof operators;

/** The one-byte field of old files holds codes up to here; this value says: see the new field. */
export const largestOldCode = 127;

/** @returns the first TensorFlow Lite that has all of them */
export function leastRuntime(names: readonly OperatorName[]): string {
  return names
    .map((name) => operators[name].since)
    .reduce<string>((latest, since) => (isLater(since, latest) ? since : latest), "1.5.0");
}

function isLater(a: string, b: string): boolean {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at >= 0 && left[at]! > right[at]!;
}
