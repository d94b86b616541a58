/** @file A board: what a microcontroller has, and what is to be left of it. */

import type { CoreName } from "./cores.ts";

export interface Board {
  readonly name: string;
  readonly title: string;
  readonly chip: string;
  readonly core: CoreName;
  readonly clockMHz: number;
  /** on the board, in whole KiB */
  readonly flashKiB: number;
  /** the largest piece that lies together */
  readonly ramKiB: number;
  /** datasheet of the numbers */
  readonly source: string;
  /** what it draws while it computes, where somebody has published a measurement */
  readonly active?: ActivePower | undefined;
}

export interface ActivePower {
  /** lowest and highest of several networks: energy of an inference / its time */
  readonly milliwatts: readonly [low: number, high: number];
  readonly source: string;
}

export interface Reserve {
  /** for the user's own firmware */
  readonly flashBytes: number;
  readonly ramBytes: number;
}
