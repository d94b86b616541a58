/** @file Recordings cut into windows of equal length: time series as samples. */

import type { Preprocessing } from "../engine/tensor/index.ts";
import { ConfigError, DataError } from "../errors/index.ts";
import { arrayDataset } from "./array-dataset.ts";
import { type Dataset, UNLABELLED } from "./dataset.ts";

/** One measurement from its start to its end, several channels side by side. */
export interface TimeSeries {
  /** shown in messages: the file's name */
  readonly name: string;
  /** float32 [steps, channels], row-major */
  readonly data: Float32Array;
  /** class index of the whole recording, or of each of its time steps; UNLABELLED where unknown */
  readonly label: number | Int32Array;
  /** what must stay together in splits; default: the recording by itself, under its name */
  readonly group?: string;
}

export interface WindowsOptions {
  readonly name: string;
  /** channels of every recording */
  readonly channelCount: number;
  /** time steps in a window, ≥ 1 */
  readonly window: number;
  /**
   * time steps from the start of a window to the start of the next, ≥ 1; below `window` they
   * overlap
   */
  readonly hop: number;
  /** channels to keep, in this order, from 0; default all */
  readonly channels?: readonly number[];
  readonly classNames: readonly string[];
  readonly preprocessing?: Preprocessing;
}

/**
 * Cuts recordings into windows.
 *
 *   windows of a recording = floor((steps - window) / hop) + 1
 *   window w holds steps  w · hop … w · hop + window - 1;  steps after the last whole window are
 *   left out
 *
 * A window's class is its recording's, or the one that most of its time steps have (of equals the
 * smallest index; steps without a class count as one of their own, the last among equals).
 *
 * Windows of one recording are nearly the same, so the set can be split only by group: a recording
 * never stands on two sides.
 *
 * @returns float32 samples of shape [window, channels]
 * @throws ConfigError "config/range" for sizes below 1 or channels that are not there; DataError
 *   "data/empty" without recordings; "data/length" for data that are not whole steps, labels
 *   that do not fit, or a recording shorter than a window; "data/not-finite", "data/label"
 * @example
 *   const data = windowedDataset(recordings, { name: "gait", channelCount: 6, window: 128, hop:
 *     64, classNames: ["walk", "run"] });
 */
export function windowedDataset(
  recordings: readonly TimeSeries[],
  options: WindowsOptions,
): Dataset {
  const { name, window, hop, channelCount, classNames } = options;
  const channels = options.channels ?? Array.from({ length: channelCount }, (_, c) => c);
  assertSizes(options, channels);
  for (const recording of recordings) assertRecording(recording, options);
  const counts = recordings.map(({ data }) => windowCount(data.length / channelCount, window, hop));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const data = new Float32Array(total * window * channels.length);
  const labels = new Int32Array(total);
  const groups: string[] = [];
  let sample = 0;
  for (const [r, recording] of recordings.entries())
    for (let w = 0; w < counts[r]!; w++, sample++) {
      const from = w * hop;
      const at = sample * window * channels.length;
      copyWindow(recording.data, { from, window, channelCount, channels }, data, at);
      labels[sample] = labelOf(recording.label, from, window);
      groups.push(recording.group ?? recording.name);
    }
  const { preprocessing } = options;
  const set = arrayDataset({
    name,
    dtype: "float32",
    shape: [window, channels.length],
    data,
    labels,
    classNames,
    groups,
    ...(preprocessing === undefined ? {} : { preprocessing }),
  });
  const isLocal = recordings.some(({ group }) => group === undefined);
  return { ...set, wholeGroups: true, ...(isLocal && { localGroups: true }) };
}

/** @returns whole windows in a recording of `steps` time steps */
export function windowCount(steps: number, window: number, hop: number): number {
  return steps < window ? 0 : Math.floor((steps - window) / hop) + 1;
}

function copyWindow(
  source: Float32Array,
  cut: {
    readonly from: number;
    readonly window: number;
    readonly channelCount: number;
    readonly channels: readonly number[];
  },
  target: Float32Array,
  at: number,
): void {
  const { from, window, channelCount, channels } = cut;
  let to = at;
  for (let step = from; step < from + window; step++)
    for (const channel of channels) target[to++] = source[step * channelCount + channel]!;
}

function labelOf(label: TimeSeries["label"], from: number, window: number): number {
  if (typeof label === "number") return label;
  const votes = new Map<number, number>();
  for (const one of label.subarray(from, from + window)) votes.set(one, (votes.get(one) ?? 0) + 1);
  const rank = (one: number): number => (one === UNLABELLED ? Number.POSITIVE_INFINITY : one);
  const [winner] = [...votes].sort(([a, n], [b, m]) => m - n || rank(a) - rank(b));
  return winner![0]; // a window has a step at least
}

function assertSizes(
  { name, window, hop, channelCount }: WindowsOptions,
  channels: readonly number[],
): void {
  const range = (rule: string, got: string): ConfigError =>
    new ConfigError("config/range", {
      where: `windows of ${name}`,
      rule,
      got,
      fix: "Correct window, hop or channels",
      details: { window, hop, channels: channelCount },
    });
  for (const [what, value] of Object.entries({ window, hop, channelCount }))
    if (!Number.isInteger(value) || value < 1)
      throw range(`${what} must be an integer ≥ 1`, String(value));
  const wrong = channels.find((c) => !Number.isInteger(c) || c < 0 || c >= channelCount);
  if (wrong !== undefined || channels.length === 0)
    throw range(`channels must be some of 0 … ${channelCount - 1}`, String(wrong ?? "none"));
}

function assertRecording(recording: TimeSeries, options: WindowsOptions): void {
  const { name, data, label } = recording;
  const { channelCount, window } = options;
  const steps = data.length / channelCount;
  const fail = (rule: string, got: string, fix: string): never => {
    throw new DataError("data/length", { where: name, rule, got, fix, details: { steps, window } });
  };
  if (!Number.isInteger(steps))
    fail(
      `data must be whole time steps of ${channelCount} channels`,
      `${data.length} values`,
      "Correct it",
    );
  if (steps < window)
    fail(
      `a recording must last a window (${window} time steps)`,
      `${steps}`,
      "Remove it, or ask for shorter windows",
    );
  if (typeof label !== "number" && label.length !== steps)
    fail(
      `there must be one label per time step (${steps})`,
      `${label.length}`,
      "Correct the labels",
    );
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1)
    throw new DataError("data/not-finite", {
      where: `${name}, time step ${Math.floor(bad / channelCount)}, channel ${bad % channelCount}`,
      rule: "every value must be a finite number",
      got: String(data[bad]),
      fix: "Remove the recording, or replace the value",
      details: { recording: name },
    });
}
