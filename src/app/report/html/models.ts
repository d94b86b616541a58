/**
 * @file The five models in the report's order, with the words and colours used for them everywhere.
 */

import { type ArmName, armNames } from "../input.ts";
import type { Comparison, ModelReport, Report, StudentReport } from "../report.ts";
import { html, type Markup } from "./markup.ts";

export type ModelName = "teacher" | ArmName;
export const modelNames: readonly ModelName[] = ["teacher", ...armNames];

export const modelTitles: Readonly<Record<ModelName, string>> = {
  teacher: "Teacher",
  distilled: "Distilled",
  scratch: "Scratch",
  scratchAugmented: "Scratch, augmented",
  scratchSmoothed: "Scratch, label smoothing",
};

/** A model of the report under its name. */
export interface Listed<M extends ModelReport = ModelReport> {
  readonly key: ModelName;
  readonly title: string;
  readonly model: M;
}

/** @returns those students that were trained, in order */
export function students({ models }: Report): readonly Listed<StudentReport>[] {
  return armNames.flatMap((key) => {
    const model = models[key];
    return model === null ? [] : [{ key, title: modelTitles[key], model }];
  });
}

/** @returns the teacher, then the students */
export function allModels(report: Report): readonly Listed[] {
  return [
    { key: "teacher", title: modelTitles.teacher, model: report.models.teacher },
    ...students(report),
  ];
}

/** @returns each comparison with what the distilled student is compared to */
export function comparisonsOf({
  comparisons,
}: Report): readonly (Comparison & { readonly key: ModelName })[] {
  const listed = [
    ["scratch", comparisons.distilledVsScratch],
    ["scratchAugmented", comparisons.distilledVsScratchAugmented],
    ["scratchSmoothed", comparisons.distilledVsScratchSmoothed],
  ] as const;
  return listed.flatMap(([key, comparison]) =>
    comparison === null ? [] : [{ key, ...comparison }],
  );
}

/** The title after a dot in the model's colour. */
export function swatch(key: ModelName): Markup {
  return html`<i class="dot" style="background:var(--${key})"></i>${modelTitles[key]}`;
}

/** The colours of a group of charts. */
export function legend(keys: readonly ModelName[]): Markup {
  return html`<div class="legend">${keys.map((key) => html`<span>${swatch(key)}</span>`)}</div>`;
}
