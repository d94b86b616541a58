/**
 * @file Calibration: runs samples through the float network and watches the ranges of its values.
 */

import { type Dataset, spreadSamples } from "../../data/index.ts";
import { compileGraph } from "../../engine/compile/index.ts";
import type { Value } from "../../engine/graph/index.ts";
import type { Runtime, Session } from "../../engine/runtime/index.ts";
import {
  allocate,
  elementCount,
  sameShape,
  showShape,
  type Tensor,
} from "../../engine/tensor/index.ts";
import { assertInRange, assertKnown, QuantizeError } from "../../errors/index.ts";
import type { FloatPlan } from "./lowering/float-layer.ts";
import {
  type CalibrationMethod,
  calibrationMethods,
  count,
  emptyHistogram,
  type Histogram,
  leastErrorRange,
  percentileRange,
  type RealRange,
  widened,
} from "./observers.ts";

export interface CalibrationOptions {
  /** samples like those that the network will see; labels are not used */
  readonly calibration: Dataset;
  readonly runtime: Runtime;
  /** default minMax */
  readonly method?: CalibrationMethod;
  /** for percentile: default 99.99 */
  readonly percentile?: number;
  /** so many samples, from 1, at even distances; Infinity: all; default 512 */
  readonly maxSamples?: number;
}

const batchSize = 32;

/** the values whose ranges decide: the input, and results of layers that compute something new */
export function observedValues({ input, layers }: FloatPlan): readonly Value[] {
  const makers = ["dense", "conv2d", "depthwiseConv2d", "add", "requantize", "lookup"];
  return [input, ...layers.filter(({ kind }) => makers.includes(kind)).map(({ output }) => output)];
}

/**
 * What calibrate refuses of its options, for those who do other work first.
 *
 * @throws ConfigError "config/range", "config/unknown-name"
 */
export function assertCalibrationOptions({
  method = "minMax",
  percentile = 99.99,
  maxSamples = 512,
}: Omit<CalibrationOptions, "calibration" | "runtime">): void {
  assertKnown("calibrate", "method", method, calibrationMethods);
  assertInRange("calibrate", { percentile }, { above: 50, to: 100 });
  if (maxSamples !== Number.POSITIVE_INFINITY)
    assertInRange("calibrate", { maxSamples }, { from: 1, isInteger: true });
}

/**
 * @returns the range of each observed value
 * @throws QuantizeError "quantize/calibration" if there are no samples, of another kind, or a value
 *   was not finite; ConfigError "config/range" for a percentile not in (50, 100] or maxSamples that
 *   are no whole number from 1; "config/unknown-name" for another method
 */
export async function calibrate(
  plan: FloatPlan,
  options: CalibrationOptions,
): Promise<ReadonlyMap<Value, RealRange>> {
  assertCalibrationOptions(options);
  const { runtime, method = "minMax", percentile = 99.99, maxSamples = 512 } = options;
  assertFits(plan, options.calibration);
  const values = observedValues(plan);
  const outputs = values.map((value, index) => ({ name: `value${index}`, value }));
  const graph = { name: `${plan.name} calibration`, inputs: [plan.placeholder], outputs };
  const session = await runtime.load(compileGraph(graph, { batchAxis: "batch" }));
  try {
    let ranges = values.map((): RealRange => ({ min: 0, max: 0 }));
    const samples = spreadSamples(options.calibration, maxSamples);
    await forEachBatch(session, plan, samples, (index, data) => {
      ranges = ranges.with(index, widened(ranges[index]!, data));
    });
    assertFinite(values, ranges);
    if (method === "minMax") return new Map(values.map((value, i) => [value, ranges[i]!]));
    const histograms: readonly Histogram[] = ranges.map(emptyHistogram);
    await forEachBatch(session, plan, samples, (index, data) => count(histograms[index]!, data));
    const choose = (histogram: Histogram): RealRange =>
      method === "mse" ? leastErrorRange(histogram) : percentileRange(histogram, percentile);
    return new Map(values.map((value, index) => [value, choose(histograms[index]!)]));
  } finally {
    await session.dispose();
  }
}

async function forEachBatch(
  session: Session,
  { placeholder }: FloatPlan,
  samples: Dataset,
  watch: (index: number, values: Float32Array) => void,
): Promise<void> {
  const size = elementCount(placeholder.shape);
  for (let from = 0; from < samples.length; from += batchSize) {
    const length = Math.min(batchSize, samples.length - from);
    const data = allocate(samples.dtype, length * size);
    await samples.gather(
      Int32Array.from({ length }, (_, i) => from + i),
      data,
    );
    const shape = [length, ...placeholder.shape.slice(1)];
    const batch = { dtype: samples.dtype, shape, data } as Tensor; // dtype and array go together
    const { outputs } = await session.run({ [placeholder.name]: batch });
    session.outputNames.forEach((name) => {
      watch(Number(name.slice("value".length)), outputs[name]!.data as Float32Array); // observed values are float32
    });
  }
}

function assertFits({ placeholder }: FloatPlan, calibration: Dataset): void {
  const shape = placeholder.shape.slice(1);
  const { dtype, length } = calibration;
  if (length > 0 && dtype === placeholder.dtype && sameShape(calibration.shape, shape)) return;
  throw new QuantizeError("quantize/calibration", {
    where: "calibrate",
    rule: `the network takes ${placeholder.dtype} ${showShape(shape)}, at least one sample`,
    got: `${length} of ${dtype} ${showShape(calibration.shape)} from ${calibration.name}`,
    fix: "Calibrate with data like those that it was trained on",
  });
}

function assertFinite(values: readonly Value[], ranges: readonly RealRange[]): void {
  const at = ranges.findIndex(({ min, max }) => !Number.isFinite(max - min));
  if (at < 0) return;
  throw new QuantizeError("quantize/calibration", {
    where: values[at]!.origin || values[at]!.op,
    rule: "every value must be finite on the calibration samples",
    got: `${ranges[at]!.min} to ${ranges[at]!.max}`,
    fix: "Find the sample or weight that is no number, or overflows",
  });
}
