/** @file Students like a given one: narrower and wider, shallower and deeper, other kernels. */

import { input, printGraph } from "../../engine/graph/index.ts";
import { buildNetwork, type NetworkSpec } from "../../engine/nn/index.ts";
import type { Shape } from "../../engine/tensor/index.ts";
import { isDistillError } from "../../errors/index.ts";

/** Widths to try, as shares of the given one. */
const widths = [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2] as const;
const kernels = [3, 5] as const;

/** Families that can be searched: those with a width, a depth or a kernel. */
export const searchedFamilies: readonly NetworkSpec["family"][] = [
  "mlp",
  "cnn",
  "resnet8",
  "dsCnn",
  "mobileNetV1",
  "tcn",
  "gru",
];

/** Where a search starts that was told no family: what the samples' shape suggests. */
export function startingPoints(shape: Shape): readonly NetworkSpec[] {
  if (shape.length === 3)
    return [
      { family: "cnn", channels: [8, 16], batchNorm: true },
      { family: "dsCnn", channels: 16, blocks: 2, kernel: [3, 3] },
    ];
  if (shape.length === 2) return [{ family: "tcn", channels: [16, 16] }];
  return [{ family: "mlp", hidden: [32] }];
}

/**
 * @returns networks around a given one, itself among them, each once; those that cannot take the
 *   samples are left out; of a family that cannot be searched the network alone
 */
export function candidatesAround(
  spec: NetworkSpec,
  shape: Shape,
  classes: number,
): readonly NetworkSpec[] {
  const all = widths.flatMap((width) => variants(scaled(spec, width) ?? spec));
  const distinct = new Map(
    [spec, ...all].map(withoutUsual).map((each) => [candidateName(each), each]),
  );
  const possible = [...distinct.values()].filter((each) => isPossible(each, shape, classes));
  return eachOnce(possible, shape, classes);
}

/** Without those that are an earlier one, in other words: with a default said, say. */
export function eachOnce(
  specs: readonly NetworkSpec[],
  shape: Shape,
  classes: number,
): readonly NetworkSpec[] {
  const known = new Set<string>();
  return specs.filter((spec) => {
    const text = networkText(spec, shape, classes);
    return !known.has(text) && known.add(text);
  });
}

/** @returns what the network computes, in training too */
function networkText(spec: NetworkSpec, shape: Shape, classes: number): string {
  const network = buildNetwork(spec, shape, classes);
  const samples = input("samples", "float32", [2, ...shape]); // one has no variance
  const seed = input("seed", "uint32", []);
  const logits = network.forward(samples, {
    training: true,
    parameter: (name) => {
      const { shape: own } = network.parameters.find((each) => each.name === name)!; // its own names
      return input(name, "float32", own);
    },
    seed: () => seed,
    updateStatistic: () => undefined,
  });
  return printGraph({ name: "", inputs: [], outputs: [{ name: "logits", value: logits }] });
}

/** What a family takes for an option that is not given: said, it is the same network. */
const usual: Partial<Record<NetworkSpec["family"], Readonly<Record<string, unknown>>>> = {
  cnn: { kernel: 3 },
  tcn: { kernel: 3 },
  dsCnn: { channels: 64, blocks: 4 },
  resnet8: { width: 16 },
  mobileNetV1: { width: 0.25 },
};

function withoutUsual(spec: NetworkSpec): NetworkSpec {
  const own = usual[spec.family] ?? {};
  const said = Object.entries(spec).filter(([name, value]) => own[name] !== value);
  return Object.fromEntries(said) as unknown as NetworkSpec; // the same, without what goes without saying
}

function isPossible(spec: NetworkSpec, shape: Shape, classes: number): boolean {
  try {
    buildNetwork(spec, shape, classes);
    return true;
  } catch (error) {
    if (isDistillError(error)) return false; // deeper than the samples are large
    throw error;
  }
}

const four = (count: number): number => Math.max(4, Math.round(count / 4) * 4);

/**
 * @param factor > 0. @returns the same network with so many times the channels or units, as
 *   multiples of 4, which the microcontroller's kernels like; undefined for a family without width
 */
export function scaled(spec: NetworkSpec, factor: number): NetworkSpec | undefined {
  const by = (count: number): number => four(count * factor);
  switch (spec.family) {
    case "mlp":
      return { ...spec, hidden: spec.hidden.map(by) };
    case "autoencoder":
      return { ...spec, hidden: (spec.hidden ?? [128, 128, 128, 128]).map(by) };
    case "cnn":
      return {
        ...spec,
        channels: spec.channels.map(by),
        ...(spec.hidden && { hidden: spec.hidden.map(by) }),
      };
    case "dsCnn": {
      const { channels = 64 } = spec;
      return { ...spec, channels: typeof channels === "number" ? by(channels) : channels.map(by) };
    }
    case "resnet8":
      return spec.channels === undefined
        ? { ...spec, width: by(spec.width ?? 16) }
        : { ...spec, channels: spec.channels.map(by) };
    case "mobileNetV1":
      return spec.channels === undefined
        ? { ...spec, width: Math.round((spec.width ?? 0.25) * factor * 1000) / 1000 }
        : { ...spec, channels: spec.channels.map(by) };
    case "tcn":
      return {
        ...spec,
        channels: spec.channels.map(by),
        ...(spec.inner && { inner: spec.inner.map(by) }),
      };
    case "gru":
      return { ...spec, units: spec.units.map(by) };
    default:
      return undefined;
  }
}

/** Depths and kernels of one width. */
function variants(spec: NetworkSpec): readonly NetworkSpec[] {
  switch (spec.family) {
    case "mlp":
      return depths(spec.hidden, 1).map((hidden) => ({ ...spec, hidden }));
    case "cnn":
      return depths(spec.channels, 2).flatMap((channels) =>
        withKernels(spec.kernel).map((kernel) => ({ ...spec, channels, kernel })),
      );
    case "tcn":
      if (spec.inner !== undefined) return [spec];
      return depths(spec.channels, 1).flatMap((channels) =>
        withKernels(spec.kernel).map((kernel) => ({ ...spec, channels, kernel })),
      );
    case "dsCnn": {
      if (typeof spec.channels === "object") return [spec];
      const { blocks = 4 } = spec;
      const counts = [...new Set([Math.max(1, blocks - 1), blocks, blocks + 2])];
      return counts.map((count) => ({ ...spec, blocks: count }));
    }
    default:
      return [spec];
  }
}

/** One layer less, as many, one more of so many times the last one's channels. */
function depths(counts: readonly number[], growth: number): readonly (readonly number[])[] {
  const last = counts.at(-1);
  if (last === undefined) return [counts];
  const shorter = counts.length > 1 ? [counts.slice(0, -1)] : [];
  return [...shorter, counts, [...counts, last * growth]];
}

const withKernels = (own: number | undefined): readonly number[] => [
  ...new Set([own ?? 3, ...kernels]),
];

/** The option whose numbers say how large a network is; they stand without its name. */
function sizeKey(family: NetworkSpec["family"]): string {
  return { mlp: "hidden", autoencoder: "hidden", gru: "units" }[family as string] ?? "channels";
}

/** A name that no other candidate has, of small letters, digits, . and -: "cnn-8-16-kernel-3" */
export function candidateName({ family, logMel, ...options }: NetworkSpec): string {
  const said = (of: object): [string, unknown][] =>
    Object.entries(of).filter(([, value]) => value !== undefined);
  const words = said(options).map(([key, value]) =>
    key === sizeKey(family) ? String(value) : `${key} ${String(value)}`,
  );
  const front = said(logMel ?? {}).map(([key, value]) => `${key} ${String(value)}`);
  return [family, ...words, ...front]
    .join(" ")
    .replace(/[^A-Za-z0-9.]+/g, "-")
    .toLowerCase();
}
