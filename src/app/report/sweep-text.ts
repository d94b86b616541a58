/** @file A sweep's table for a terminal. */

import type { Interval } from "../../distill/metrics/index.ts";
import {
  aligned,
  byteSize,
  decimal,
  points as inPoints,
  percent,
  short,
  shortSpan,
  span,
} from "./numbers.ts";
import { paretoFront } from "./pareto-front.ts";
import { groupNotes } from "./resampling-words.ts";
import { isWhole, type SweepPointReport, type SweepReport, showAxisValue } from "./sweep-report.ts";

/** @returns lines without colour, ending in a line break; the best point is marked with * */
export function renderSweepTable(report: SweepReport): string {
  const { points, best, axes, seeds, validationSize, validationGroups } = report;
  const varied = axes.flatMap(({ values }, at) => (values.length > 1 ? [at] : []));
  const hasScratch = points.some(({ scratch }) => scratch !== null);
  const hasDropped = points.some((point) => !isWhole(point));
  const onFront = new Set(paretoFront(costed(points)).map(({ point }) => point));
  const rows = [
    [
      "",
      ...varied.map((at) => axes[at]!.name),
      ...(hasDropped ? ["epochs"] : []),
      ...["validation", "95 % interval", "behind best"],
      ...(hasScratch ? ["over scratch", "epochs to it"] : []),
      ...["params", "MACs", "size", "p50 ms", "front"],
    ],
    ...points.map((point, at) => [
      at === best ? "*" : "",
      ...varied.map((axis) => showAxisValue(point.values[axis]!)),
      ...(hasDropped ? [epochsText(point)] : []),
      ...accuracyCells(point),
      ...(hasScratch ? scratchCells(point) : []),
      short(point.parameters),
      short(point.macs),
      byteSize(point.bytes),
      decimal(point.latencyMs, 3),
      onFront.has(point) ? "front" : "",
    ]),
  ];
  const lines = [
    ...aligned(rows),
    "",
    ...summary(report),
    `${validationSize} validation samples, ${seeds.length} seeds; front: no other point is as good and has fewer MACs.`,
    ...groupNotes(validationGroups, "validation samples"),
    ...droppedNote(points),
  ];
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

/** "3 of 9" of a point that halving dropped, "9" of one that was trained to its end. */
export function epochsText(point: SweepPointReport): string {
  return isWhole(point) ? String(point.epochs) : `${point.epochs} of ${point.wholeEpochs}`;
}

/** @returns what to know about the points that halving dropped; nothing where there are none */
export function droppedNote(points: readonly SweepPointReport[]): readonly string[] {
  const dropped = points.filter((point) => !isWhole(point)).length;
  if (dropped === 0) return [];
  const are = dropped === 1 ? "1 point was" : `${dropped} points were`;
  return [
    `${are} dropped before the last epoch: compared with no other, and never the best or on the front.`,
  ];
}

/** Points that were trained to their end, as Pareto's rule takes them. */
export function costed(
  points: readonly SweepPointReport[],
  cost: "bytes" | "macs" | "latencyMs" = "macs",
): readonly {
  readonly point: SweepPointReport;
  readonly cost: number;
  readonly accuracy: number;
}[] {
  return points.flatMap((point) => {
    const value = point[cost];
    return point.accuracy === null || value === null || !isWhole(point)
      ? []
      : [{ point, cost: value, accuracy: point.accuracy.mean }];
  });
}

/** "−0.50 [−1.10, +0.10]": a difference in percentage points with its interval */
export function inBrackets(found: Interval): string {
  return `${inPoints(found.mean)} [${span(found, inPoints, ", ")}]`;
}

function accuracyCells({ accuracy, behind, failure }: SweepPointReport): string[] {
  if (accuracy === null) return [failure ?? "failed", "", ""];
  const isClear = behind !== null && behind.high !== null && behind.high < 0;
  return [
    percent(accuracy.mean),
    shortSpan(accuracy),
    behind === null ? "" : `${inPoints(behind.mean)}${isClear ? " clear" : ""}`,
  ];
}

function scratchCells({ scratch }: SweepPointReport): string[] {
  if (scratch === null) return ["", ""];
  return [inBrackets(scratch.difference), convergenceText(scratch)];
}

/** "12.4 of 31.0": mean epochs that the distilled student and scratch needed. */
export function convergenceText({ convergence }: NonNullable<SweepPointReport["scratch"]>): string {
  const mean = (values: readonly number[]): string =>
    decimal(values.reduce((sum, value) => sum + value, 0) / values.length, 1);
  const reached = convergence.flatMap(({ distilledEpoch }) => distilledEpoch ?? []);
  const scratch = mean(convergence.map(({ scratchEpoch }) => scratchEpoch));
  if (reached.length === 0) return `never of ${scratch}`;
  const never = convergence.length - reached.length;
  return `${mean(reached)} of ${scratch}${never === 0 ? "" : `, ${never} never`}`;
}

/** The choice in sentences. */
export function summary({ points, best, test, packages }: SweepReport): readonly string[] {
  const { name, accuracy } = points[best]!;
  const trained = points.filter((point) => point.accuracy !== null);
  const shared = `${trained.length} points, ${packages} soft-label ${packages === 1 ? "package" : "packages"} for all of them.`;
  const chosen = `Best on validation: ${name || "the recipe"}, ${percent(accuracy!.mean)}. ${shared}`; // the best was trained
  if (test === null) return [chosen, "The test split was not looked at."];
  const { difference, accuracy: own } = test;
  const over =
    difference === null
      ? ""
      : `, ${inPoints(difference.mean)} points over scratch [${span(difference, inPoints, ", ")}]`;
  return [
    chosen,
    `It on the test split, once: ${percent(own.mean)} (${span(own, percent)})${over}.`,
    ...groupNotes(test.groups),
  ];
}
