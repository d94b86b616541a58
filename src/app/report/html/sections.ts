/** @file Which sections the page has, and in which order; a section without content is left out. */

import type { Report } from "../report.ts";
import { checkSection } from "./check-section.ts";
import { classSection } from "./class-section.ts";
import { comparisonSection } from "./comparison-section.ts";
import { convergenceSection } from "./convergence-section.ts";
import { curveSection } from "./curve-section.ts";
import { explorerSection } from "./explorer-section.ts";
import { layerSection } from "./layer-section.ts";
import type { Markup } from "./markup.ts";
import { qualitySection } from "./quality-section.ts";
import { recognitionSection } from "./recognition-section.ts";
import { reproductionSection } from "./reproduction-section.ts";
import { searchSection } from "./search-section.ts";
import { teacherPartsSection } from "./teacher-parts-section.ts";
import { transferSection } from "./transfer-section.ts";
import { tuningSection } from "./tuning-section.ts";

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

const all: readonly (readonly [string, string, (report: Report) => Markup | null])[] = [
  ["differences", "Differences and seeds", comparisonSection],
  ["words", "Word errors", recognitionSection],
  ["teacher-parts", "What the teacher is made of", teacherPartsSection],
  ["curves", "Learning curves", curveSection],
  ["convergence", "Convergence", convergenceSection],
  ["transfer", "Transfer set", transferSection],
  ["quality", "Beyond accuracy", qualitySection],
  ["classes", "Class by class", classSection],
  ["soft-labels", "Soft labels", explorerSection],
  ["search", "How the student was found", searchSection],
  ["tuning", "Tuning", tuningSection],
  ["layers", "Layers", layerSection],
  ["checks", "Self-checks", checkSection],
  ["reproduce", "How to reproduce", reproductionSection],
];

export function sections(report: Report): readonly Section[] {
  return all.flatMap(([id, title, render]) => {
    const body = render(report);
    return body === null ? [] : [{ id, title, body }];
  });
}
