/** @file How numbers are written for people, everywhere in the report. */

import type { Interval } from "../../distill/metrics/index.ts";

/** 0.9631 → "96.31 %" */
export function percent(share: number | null, digits = 2): string {
  return share === null ? "–" : `${(100 * share).toFixed(digits)} %`;
}

/**
 * A difference of shares in percentage points, always signed: 0.0123 → "+1.23", −0.004 → "−0.40"
 */
export function points(difference: number, digits = 2): string {
  return signed(100 * difference, digits);
}

type Ends = Pick<Interval, "low" | "high">;

/** "a to b" of an interval; "–" where there is none */
export function span({ low, high }: Ends, show: (end: number) => string, between = " to "): string {
  return low === null || high === null ? "–" : `${show(low)}${between}${show(high)}`;
}

/** Shares in percent, in few letters: "94.1–95.2"; "–" where there is no interval */
export function shortSpan(interval: Ends): string {
  return span(interval, (share) => decimal(100 * share, 1), "–");
}

function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return `±${text}`;
  return `${value < 0 ? "−" : "+"}${text}`;
}

/** 1234567 → "1,234,567"; null → "–" */
export function whole(count: number | null): string {
  return count === null ? "–" : String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** 1234567 → "1.23 M", 4567 → "4.57 k", 12 → "12" */
export function short(count: number | null): string {
  if (count === null) return "–";
  const step = [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const;
  const found = step.find(([size]) => count >= size);
  return found === undefined ? whole(count) : `${(count / found[0]).toPrecision(3)} ${found[1]}`;
}

/** Binary sizes: 2048 → "2.0 KiB" */
export function byteSize(bytes: number | null): string {
  if (bytes === null) return "–";
  if (bytes < 1024) return `${bytes} B`;
  const [size, unit] = bytes < 1024 ** 2 ? [1024, "KiB"] : [1024 ** 2, "MiB"];
  return `${(bytes / Number(size)).toFixed(1)} ${unit}`;
}

/** A number with up to `digits` decimals; null → "–" */
export function decimal(value: number | null, digits = 2): string {
  return value === null ? "–" : value.toFixed(digits).replace("-", "−");
}

/** Rows as lines: columns to the right, the first `left` ones to the left. */
export function aligned(rows: readonly (readonly string[])[], left = 0): readonly string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cells = (row: readonly string[]): readonly string[] =>
    row.map((cell, c) => (c < left ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)));
  return rows.map((row) => cells(row).join("  "));
}
