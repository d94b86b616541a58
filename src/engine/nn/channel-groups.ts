/**
 * @file Which parameters share the channels of a family's networks: what must go together when a
 * channel goes, and the spec of what is left.
 */

import { ConfigError } from "../../errors/index.ts";
import type { NetworkSpec } from "./families/registry.ts";
import type { Network } from "./network.ts";

/** One axis of a parameter along which the channels of a group lie. */
interface ChannelAxis {
  /** of the parameter: "block1/conv1/kernel" */
  readonly name: string;
  readonly axis: number;
}

/**
 * Channels that are one: the outputs of a convolution, of the depthwise convolution after it, of
 * all branches that a sum joins; or the units of a hidden dense layer.
 */
export interface ChannelGroup {
  readonly name: string;
  /** channels */
  readonly count: number;
  /** what makes the channels: kernels, biases, normalisation. All zero there, a channel is zero */
  readonly makers: readonly ChannelAxis[];
  /** kernels that mix inputs into the channels, with the normalisation behind them, if any */
  readonly kernels: readonly { readonly kernel: ChannelAxis; readonly norm?: string }[];
  /** kernels that read the channels; a flattened channel is several rows in a row */
  readonly readers: readonly (ChannelAxis & { readonly repeat: number })[];
}

/** A chain of makers and readers while a family is walked through. */
interface Draft {
  readonly name: string;
  readonly makers: ChannelAxis[];
  readonly kernels: { readonly kernel: ChannelAxis; readonly norm?: string }[];
  readonly readers: ChannelAxis[];
}

/** Families that have groups. */
export const groupedFamilies: readonly NetworkSpec["family"][] = [
  "mlp",
  "cnn",
  "resnet8",
  "dsCnn",
  "mobileNetV1",
  "tcn",
];

const axis0 = (name: string): ChannelAxis => ({ name, axis: 0 });

function draft(name: string): Draft {
  return { name, makers: [], kernels: [], readers: [] };
}

/** Adds a convolution, or anything whose kernel has its outputs first. */
function addConvolution({ makers, kernels }: Draft, path: string, norm?: string): void {
  makers.push(axis0(`${path}/kernel`), axis0(`${path}/bias`));
  kernels.push({ kernel: axis0(`${path}/kernel`), ...(norm !== undefined && { norm }) });
  if (norm !== undefined) addNorm(makers, norm);
}

function addNorm(makers: ChannelAxis[], path: string): void {
  for (const part of ["scale", "offset", "mean", "variance"]) makers.push(axis0(`${path}/${part}`));
}

/** A depthwise convolution makes its output channels from the very same inputs. */
function addDepthwise({ makers }: Draft, block: string): void {
  makers.push(axis0(`${block}/depthwise/kernel`));
  addNorm(makers, `${block}/norm1`);
}

const reads = (group: Draft, path: string, axis = 1): void =>
  void group.readers.push({ name: `${path}/kernel`, axis });

/**
 * @returns the groups of a network, in the order in which `withChannels` takes their counts; none
 *   of a family that has no groups. The network's outputs are in none
 */
export function channelGroups(spec: NetworkSpec, network: Network): readonly ChannelGroup[] {
  const shapes = new Map(network.parameters.map(({ name, shape }) => [name, shape]));
  return drafts(spec, network).map(({ name, makers, kernels, readers }) => {
    const there = makers.filter((maker) => shapes.has(maker.name));
    const first = kernels[0]!.kernel; // every group is made by a kernel
    const count = shapes.get(first.name)![first.axis]!;
    return {
      name,
      count,
      makers: there,
      kernels,
      readers: readers.map((reader) => ({
        ...reader,
        repeat: shapes.get(reader.name)![reader.axis]! / count,
      })),
    };
  });
}

function drafts(spec: NetworkSpec, network: Network): readonly Draft[] {
  switch (spec.family) {
    case "mlp":
      return denseChain(spec.hidden.length);
    case "cnn":
      return cnnGroups(spec);
    case "resnet8":
      return resnetGroups();
    case "dsCnn":
    case "mobileNetV1":
      return separableGroups(network);
    case "tcn":
      return tcnGroups(spec, network);
    default:
      return [];
  }
}

/** Hidden dense layers up to the output, each read by the next. */
function denseChain(hidden: number): readonly Draft[] {
  return Array.from({ length: hidden }, (_, at) => {
    const path = `hidden${at + 1}`;
    const group = draft(path);
    group.makers.push({ name: `${path}/kernel`, axis: 1 }, axis0(`${path}/bias`));
    group.kernels.push({ kernel: { name: `${path}/kernel`, axis: 1 } });
    reads(group, at + 1 < hidden ? `hidden${at + 2}` : "output", 0);
    return group;
  });
}

function cnnGroups(spec: Extract<NetworkSpec, { family: "cnn" }>): readonly Draft[] {
  const { channels, hidden = [], batchNorm = false } = spec;
  const head = hidden.length > 0 ? "hidden1" : "output";
  const blocks = channels.map((_, at) => {
    const group = draft(`conv${at + 1}`);
    addConvolution(group, group.name, batchNorm ? `norm${at + 1}` : undefined);
    if (at + 1 < channels.length) reads(group, `conv${at + 2}`);
    else reads(group, head, 0);
    return group;
  });
  return [...blocks, ...denseChain(hidden.length)];
}

/** The stem and block 1 share their channels, as block 1 adds to its own input. */
function resnetGroups(): readonly Draft[] {
  const [outer, inner1] = [draft("block1"), draft("block1/inner")];
  addConvolution(outer, "conv", "norm");
  addConvolution(outer, "block1/conv2", "block1/norm2");
  addConvolution(inner1, "block1/conv1", "block1/norm1");
  reads(outer, "block1/conv1");
  reads(inner1, "block1/conv2");
  const groups = [outer, inner1];
  for (const block of ["block2", "block3"]) {
    const [out, inner] = [draft(block), draft(`${block}/inner`)];
    const before = groups.at(-2)!; // the block before
    addConvolution(out, `${block}/conv2`, `${block}/norm2`);
    addConvolution(out, `${block}/shortcut`);
    addConvolution(inner, `${block}/conv1`, `${block}/norm1`);
    reads(before, `${block}/conv1`);
    reads(before, `${block}/shortcut`);
    reads(inner, `${block}/conv2`);
    groups.push(out, inner);
  }
  reads(groups.at(-2)!, "output", 0);
  return groups;
}

function separableGroups({ layers }: Network): readonly Draft[] {
  const blocks = layers.map(({ name }) => name).filter((name) => name.startsWith("block"));
  const first = draft("conv");
  addConvolution(first, "conv", "norm");
  const groups = [first];
  for (const block of blocks) {
    const before = groups.at(-1)!; // the first convolution at least
    addDepthwise(before, block);
    reads(before, `${block}/pointwise`);
    const group = draft(block);
    addConvolution(group, `${block}/pointwise`, `${block}/norm2`);
    groups.push(group);
  }
  reads(groups.at(-1)!, "output", 0);
  return groups;
}

/**
 * Blocks that add to their input as it is share its channels; those of the network's input are
 * nobody's to take.
 */
function tcnGroups(
  { channels }: Extract<NetworkSpec, { family: "tcn" }>,
  { parameters }: Network,
): readonly Draft[] {
  const names = new Set(parameters.map(({ name }) => name));
  let before: Draft | undefined; // undefined: the input's own features
  const groups: Draft[] = [];
  for (const [at] of channels.entries()) {
    const block = `block${at + 1}`;
    const hasShortcut = names.has(`${block}/shortcut/kernel`);
    const inner = draft(`${block}/inner`);
    addConvolution(inner, `${block}/conv1`, `${block}/norm1`);
    reads(inner, `${block}/conv2`);
    if (before !== undefined) reads(before, `${block}/conv1`);
    if (before !== undefined && hasShortcut) reads(before, `${block}/shortcut`);
    const out: Draft | undefined = hasShortcut ? draft(block) : before;
    if (out !== undefined) addConvolution(out, `${block}/conv2`, `${block}/norm2`);
    if (out !== undefined && hasShortcut) addConvolution(out, `${block}/shortcut`);
    groups.push(inner, ...(out !== undefined && hasShortcut ? [out] : []));
    before = out;
  }
  if (before !== undefined) reads(before, "output", 0);
  return groups;
}

/**
 * @param counts channels of each group by its name, 1 or more
 * @returns the spec of a network whose groups have so many channels, everything else being equal
 * @throws ConfigError "config/conflict" for a family without groups
 */
export function withChannels(spec: NetworkSpec, counts: ReadonlyMap<string, number>): NetworkSpec {
  const all = (starts: string): number[] =>
    [...counts].filter(([name]) => name.startsWith(starts)).map(([, count]) => count);
  switch (spec.family) {
    case "mlp":
      return { ...spec, hidden: all("hidden") };
    case "cnn":
      return {
        ...spec,
        channels: all("conv"),
        ...(spec.hidden && { hidden: all("hidden") }),
      };
    case "resnet8":
      return {
        family: "resnet8",
        channels: all("block"),
        ...(spec.logMel && { logMel: spec.logMel }),
      };
    case "dsCnn": {
      const { blocks: _, ...rest } = spec;
      return { ...rest, channels: [...counts.values()] };
    }
    case "mobileNetV1": {
      const { width: _, ...rest } = spec;
      return { ...rest, channels: [...counts.values()] };
    }
    case "tcn":
      return tcnWithChannels(spec, counts);
    default:
      throw new ConfigError("config/conflict", {
        where: "withChannels",
        rule: `the family must be one of ${groupedFamilies.join(", ")}`,
        got: spec.family,
        fix: "Take one of these",
      });
  }
}

/** A block without a group of its own has the channels of the block before, or its own. */
function tcnWithChannels(
  spec: Extract<NetworkSpec, { family: "tcn" }>,
  counts: ReadonlyMap<string, number>,
): NetworkSpec {
  const channels: number[] = [];
  for (const [at, own] of spec.channels.entries()) {
    const isShared = at > 0 && spec.channels[at - 1] === own;
    channels.push(counts.get(`block${at + 1}`) ?? (isShared ? channels[at - 1]! : own));
  }
  return { ...spec, channels, inner: channels.map((_, at) => counts.get(`block${at + 1}/inner`)!) };
}
