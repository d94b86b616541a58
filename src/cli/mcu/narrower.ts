/** @file Narrower students of the same family, planned without training them. */

import { exportC } from "../../export/index.ts";
import { initialParameters, type NetworkSpec } from "../../nn/index.ts";
import { observedValues, planLayers, quantizePlan } from "../../quantize/index.ts";
import { inferenceGraph, type Model, networkOf } from "../../train/index.ts";

/** A student that was not trained: its sizes are known, its accuracy is not. */
export interface NarrowerStudent {
  readonly spec: NetworkSpec;
  /** as words of a command line: "student.width=0.18" */
  readonly overrides: readonly string[];
  readonly constantBytes: number;
  readonly arenaBytes: number;
  readonly macs: number;
}

const factors = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1];

/**
 * @param fits whether tables and arena of so many bytes go onto the board
 * @returns the widest that fits, or undefined if none does or the family has no width
 */
export function widestThatFits(
  model: Model,
  path: "portable" | "dsp",
  fits: (sizes: { readonly constantBytes: number; readonly arenaBytes: number }) => boolean,
): NarrowerStudent | undefined {
  for (const factor of factors) {
    const scaled = scaledSpec(model.spec, factor);
    if (scaled === undefined) return undefined;
    const student = { ...scaled, ...sizesOf({ ...model, spec: scaled.spec }, path) };
    if (fits(student)) return student;
  }
  return undefined;
}

/** Channels stay multiples of 4, which the kernels like. */
function scaledSpec(
  spec: NetworkSpec,
  factor: number,
): Pick<NarrowerStudent, "spec" | "overrides"> | undefined {
  const four = (count: number): number => Math.max(4, Math.floor((count * factor) / 4) * 4);
  const list = (counts: readonly number[]): string => `[${counts.join(",")}]`;
  switch (spec.family) {
    case "mlp":
    case "autoencoder": {
      const hidden = (spec.hidden ?? [128, 128, 128, 128]).map(four);
      return { spec: { ...spec, hidden }, overrides: [`student.hidden=${list(hidden)}`] };
    }
    case "cnn": {
      const [channels, hidden] = [spec.channels.map(four), (spec.hidden ?? []).map(four)];
      const words = [`student.channels=${list(channels)}`];
      if (hidden.length > 0) words.push(`student.hidden=${list(hidden)}`);
      return { spec: { ...spec, channels, hidden }, overrides: words };
    }
    case "dsCnn": {
      const { channels: old = 64 } = spec;
      const channels = typeof old === "number" ? four(old) : old.map(four);
      const word = typeof channels === "number" ? String(channels) : list(channels);
      return { spec: { ...spec, channels }, overrides: [`student.channels=${word}`] };
    }
    case "resnet8": {
      if (spec.channels !== undefined) {
        const channels = spec.channels.map(four);
        return { spec: { ...spec, channels }, overrides: [`student.channels=${list(channels)}`] };
      }
      const width = four(spec.width ?? 16);
      return { spec: { ...spec, width }, overrides: [`student.width=${width}`] };
    }
    case "mobileNetV1": {
      if (spec.channels !== undefined) {
        const channels = spec.channels.map(four);
        return { spec: { ...spec, channels }, overrides: [`student.channels=${list(channels)}`] };
      }
      const width = Math.round((spec.width ?? 0.25) * factor * 1000) / 1000;
      return { spec: { ...spec, width }, overrides: [`student.width=${width}`] };
    }
    default:
      return undefined;
  }
}

/** Plans the network with starting weights and made-up ranges: sizes do not depend on them. */
function sizesOf(model: Model, path: "portable" | "dsp") {
  const network = networkOf(model);
  const weights = initialParameters(network.parameters, 1);
  const { sample, preprocessing } = model;
  const plan = planLayers(
    inferenceGraph({ network, sample, preprocessing, batchSize: 1, weights }),
  );
  const ranges = new Map(observedValues(plan).map((value) => [value, { min: -4, max: 4 }]));
  const { constantBytes, arenaBytes, macs } = exportC(quantizePlan(plan, ranges));
  return { constantBytes, arenaBytes: arenaBytes[path], macs };
}
