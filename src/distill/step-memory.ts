/** @file Refuses a training whose step is larger than memory, before anything has started. */

import { estimateStepBytes, type StepBytes } from "../engine/compile/index.ts";
import { elementCount } from "../engine/tensor/index.ts";
import { ConfigError } from "../errors/index.ts";
import { isDiscriminators } from "./adversarial.ts";
import type { Job, PreparedJob } from "./job.ts";
import { defaults } from "./training-spec.ts";

/**
 * @param memoryBytes memory that a step may take; undefined: whatever it needs
 * @throws ConfigError "run/memory" if the step's estimate is larger
 * @see estimateStepBytes for what the estimate counts
 */
export function assertStepFits(
  { id, training }: Pick<Job, "id" | "training">,
  { step, parameters }: Pick<PreparedJob, "step" | "parameters">,
  memoryBytes: number | undefined,
): void {
  if (memoryBytes === undefined) return;
  const bytes = estimateStepBytes(step);
  if (bytes.total <= memoryBytes) return;
  const { batchSize = defaults.batchSize, accumulate = 1 } = training;
  const parts = fittingParts(bytes, { batchSize, accumulate }, memoryBytes);
  const { state, inputs, values, total } = bytes;
  throw new ConfigError("run/memory", {
    where: `training of ${id}`,
    rule: `a step must fit in the ${show(memoryBytes)} of memory that are free`,
    got: `an estimate of ${show(total)} (state ${show(state)}, inputs ${show(inputs)}, values of ${batchSize / accumulate} samples ${show(values)})`,
    fix:
      parts === undefined
        ? `${isMostlyDiscriminator(parameters) ? "Use fewer units in distillation.adversarial.hidden" : "Use a smaller network"}, or a machine with more memory`
        : `Compute each batch in parts with accumulate: ${parts}, lower batchSize, or free memory`,
    details: { ...bytes, memoryBytes, batchSize, accumulate },
  });
}

/**
 * @returns the smallest number of parts that divides the batch and makes the step fit, by the
 *   estimate: values in proportion to the samples, and sums of the gradients (no more than the
 *   state) on top; undefined if none does
 */
function fittingParts(
  { state, inputs, values }: StepBytes,
  { batchSize, accumulate }: { readonly batchSize: number; readonly accumulate: number },
  memoryBytes: number,
): number | undefined {
  const divisors = Array.from({ length: batchSize }, (_, at) => at + 1).filter(
    (parts) => parts > accumulate && batchSize % parts === 0,
  );
  const fixed = 6 * state; // state and sums before the step, and after it with scratch space
  const scaled = inputs + Math.max(0, values - 2 * state);
  return divisors.find((parts) => fixed + (scaled * accumulate) / parts <= memoryBytes);
}

function isMostlyDiscriminator(parameters: PreparedJob["parameters"]): boolean {
  const size = (of: typeof parameters): number =>
    of.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return 2 * size(parameters.filter(isDiscriminators)) > size(parameters);
}

function show(bytes: number): string {
  const [size, unit] = bytes >= 1e9 ? [bytes / 1e9, "GB"] : [bytes / 1e6, "MB"];
  return `${size.toFixed(size >= 100 ? 0 : size >= 1 ? 1 : 3)} ${unit}`;
}
